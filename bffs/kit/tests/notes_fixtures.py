"""The notes BFF, running in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bffs.kit.tests import notes_bff
from portico.bff.testing.client import BffClient, running
from portico.bff.testing.tokens import TokenIssuer


@pytest.fixture
async def notes(token_issuer: TokenIssuer, bff_settings: dict[str, str]) -> AsyncIterator[BffClient]:
    """A client of nobody in particular; `notes.signed_in("ada")` is one of Ada's."""
    app = notes_bff.create_app(bff_settings, keys=token_issuer.keys())
    async with running(app, token_issuer) as client:
        yield client

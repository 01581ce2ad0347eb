"""pytest fixtures for tests of BFFs. pytest loads this in every run, so what it needs is imported on first use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from starlette.applications import Starlette

    from portico.bff.testing.client import BffClient
    from portico.bff.testing.tokens import TokenIssuer

    BffRunner = Callable[[Starlette], AbstractAsyncContextManager[BffClient]]


@pytest.fixture
def token_issuer() -> TokenIssuer:
    """An issuer of real ES256 tokens whose keys need no network: `create_bff(..., keys=token_issuer.keys())`."""
    from portico.bff.testing.tokens import TokenIssuer  # noqa: PLC0415

    return TokenIssuer()


@pytest.fixture
def bff_settings(token_issuer: TokenIssuer, tmp_path: Path) -> dict[str, str]:
    """Settings of a BFF called `test` that trusts `token_issuer` and keeps its store in the test's folder."""
    return {
        "PORTICO_APP": "test",
        "PORTICO_ISSUER": token_issuer.issuer,
        "PORTICO_JWKS_URL": "http://127.0.0.1:9/.well-known/jwks.json",
        "PORTICO_AUDIENCE": token_issuer.audience,
        "DATABASE_URL": f"sqlite:///{tmp_path}/test.db",
    }


@pytest.fixture
def bff_client(token_issuer: TokenIssuer) -> BffRunner:
    """Runs an application in this process: `async with bff_client(app) as client: client.signed_in("ada")`."""
    from portico.bff.testing.client import running  # noqa: PLC0415

    return lambda app: running(app, token_issuer)

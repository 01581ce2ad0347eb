from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette

from bffs.tracking.tests.tracking_world import Person
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer
from tracking_bff import create_app


@pytest.fixture
async def anybody(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> AsyncIterator[BffClient]:
    """A client without a token, of a tracking that listens to the test's hub."""
    app = create_app({**bff_settings, "PORTICO_APP": "tracking"}, keys=token_issuer.keys(), hub=bff_hub)
    async with bff_client(app) as client:
        yield client


@pytest.fixture
def ada(anybody: BffClient) -> Person:
    return Person(anybody.signed_in("ada"))


@pytest.fixture
def bob(anybody: BffClient) -> Person:
    return Person(anybody.signed_in("bob"))

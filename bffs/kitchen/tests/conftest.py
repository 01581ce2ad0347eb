from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette

from bffs.kitchen.tests.kitchen_world import Cook
from kitchen_bff import create_app
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer


@pytest.fixture
async def anybody(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> AsyncIterator[BffClient]:
    """A client without a token, of a kitchen that listens to the test's hub."""
    app = create_app({**bff_settings, "PORTICO_APP": "kitchen"}, keys=token_issuer.keys(), hub=bff_hub)
    async with bff_client(app) as client:
        yield client


@pytest.fixture
def mario(anybody: BffClient) -> Cook:
    return Cook(anybody.signed_in("mario", roles=("cook",), tenant="trattoria"))


@pytest.fixture
def luigi(anybody: BffClient) -> Cook:
    """The second cook of the same restaurant."""
    return Cook(anybody.signed_in("luigi", roles=("cook",), tenant="trattoria"))


@pytest.fixture
def hana(anybody: BffClient) -> Cook:
    """A cook of another restaurant."""
    return Cook(anybody.signed_in("hana", roles=("cook",), tenant="izakaya"))

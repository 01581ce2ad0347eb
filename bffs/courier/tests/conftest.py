from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette

from bffs.courier.tests.courier_world import Courier
from courier_bff import create_app
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
    """A client without a token, of couriers that listen to the test's hub."""
    app = create_app({**bff_settings, "PORTICO_APP": "courier"}, keys=token_issuer.keys(), hub=bff_hub)
    async with bff_client(app) as client:
        yield client


@pytest.fixture
def karim(anybody: BffClient) -> Courier:
    return Courier(anybody.signed_in("karim", roles=("courier",), tenant="riders", name="Karim Benali"))


@pytest.fixture
def lena(anybody: BffClient) -> Courier:
    """Another courier of the same fleet."""
    return Courier(anybody.signed_in("lena", roles=("courier",), tenant="riders", name="Lena Vogel"))

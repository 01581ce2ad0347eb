from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette

from menu_bff import create_app
from portico.bff.testing.client import BffClient
from portico.bff.testing.tokens import TokenIssuer

RunBff = Callable[[Starlette], AbstractAsyncContextManager[BffClient]]


@pytest.fixture
def demo_settings(bff_settings: dict[str, str]) -> dict[str, str]:
    return {**bff_settings, "PORTICO_APP": "menu", "PORTICO_DEMO": "1"}


@pytest.fixture
async def anonymous(
    demo_settings: dict[str, str], token_issuer: TokenIssuer, bff_client: RunBff
) -> AsyncIterator[BffClient]:
    """The menu with demo data, and nobody signed in."""
    async with bff_client(create_app(demo_settings, keys=token_issuer.keys())) as client:
        yield client


@pytest.fixture
def ada(anonymous: BffClient) -> BffClient:
    """The same for Ada, who is signed in and has no role."""
    return anonymous.signed_in("ada")

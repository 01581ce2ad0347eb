from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette

from bffs.kit.tests.sql_engines import service_database, service_url, store_url
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer
from ratings_bff import create_app
from tools.postgres import postgres_server

__all__ = ["postgres_server", "service_database", "service_url", "store_url"]


@pytest.fixture
async def anybody(
    bff_settings: dict[str, str],
    store_url: str,
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> AsyncIterator[BffClient]:
    """A client without a token, of ratings on each engine in turn."""
    settings = {**bff_settings, "PORTICO_APP": "ratings", "DATABASE_URL": store_url}
    async with bff_client(create_app(settings, keys=token_issuer.keys(), hub=bff_hub)) as client:
        yield client


@pytest.fixture
def ada(anybody: BffClient) -> BffClient:
    return anybody.signed_in("ada", roles=("customer",), name="Ada Lovelace")


@pytest.fixture
def alan(anybody: BffClient) -> BffClient:
    return anybody.signed_in("alan", roles=("customer",), name="Alan Turing")

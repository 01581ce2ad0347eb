from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from starlette.applications import Starlette

from archive_bff import create_app
from bffs.kit.tests.sql_engines import service_database, service_url, store_url
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer
from tools.postgres import postgres_server
from tools.s3 import s3_endpoint, s3_environment, s3_place

__all__ = [
    "postgres_server",
    "s3_endpoint",
    "s3_environment",
    "s3_place",
    "service_database",
    "service_url",
    "store_url",
]

Run = Callable[..., AbstractAsyncContextManager[BffClient]]


@pytest.fixture
def run(
    bff_settings: dict[str, str],
    store_url: str,
    tmp_path: Path,
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> Run:
    """Runs an archive on each engine in turn; what is given changes its settings."""

    def run(**changes: str) -> AbstractAsyncContextManager[BffClient]:
        own = {"PORTICO_APP": "archive", "DATABASE_URL": store_url, "ARCHIVE_DOCUMENTS": str(tmp_path / "documents")}
        return bff_client(create_app(bff_settings | own | changes, keys=token_issuer.keys(), hub=bff_hub))

    return run


@pytest.fixture
async def anybody(run: Run) -> AsyncIterator[BffClient]:
    """A client without a token."""
    async with run() as client:
        yield client


@pytest.fixture
def ada(anybody: BffClient) -> BffClient:
    return anybody.signed_in("ada", roles=("customer",))


@pytest.fixture
def alan(anybody: BffClient) -> BffClient:
    return anybody.signed_in("alan", roles=("customer",))


@pytest.fixture
def noor(anybody: BffClient) -> BffClient:
    return anybody.signed_in("noor", roles=("auditor",))

"""The reference services as they run in production: in processes of their own, on PostgreSQL."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from bffs.kit.tests.bff_process import serving, start
from bffs.kit.tests.issuer_server import published_keys
from bffs.kit.tests.sql_engines import service_database, service_url
from portico.bff.testing.tokens import TokenIssuer
from tools.postgres import PostgresServer, postgres_server

__all__ = ["postgres_server", "service_database", "service_url"]


@pytest.fixture
def environment(bff_settings: dict[str, str], token_issuer: TokenIssuer, service_url: str) -> Iterator[dict[str, str]]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with published_keys(token_issuer) as url:
        yield kept | bff_settings | {"PORTICO_JWKS_URL": url, "DATABASE_URL": service_url, "PORTICO_DEMO": "1"}


@asynccontextmanager
async def running(environment: dict[str, str], target: str) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serving(environment, target) as (_, address),
        httpx.AsyncClient(base_url=address, trust_env=False, timeout=20) as client,
    ):
        yield client


async def ids(client: httpx.AsyncClient, path: str, headers: dict[str, str], **query: str | int) -> list[str]:
    response = await client.get(path, params=query, headers=headers)
    assert response.status_code == 200, response.text
    return [item["id"] for item in response.json()["items"]]


async def test_the_menu_is_listed_filtered_and_searched(environment: dict[str, str], token_issuer: TokenIssuer) -> None:
    ada = token_issuer.headers("ada")
    async with running(environment, "menu_bff:create_app") as client:
        assert (await client.get("/restaurants")).status_code == 401
        async with asyncio.timeout(30):
            while len(every := await ids(client, "/restaurants", ada, limit=50)) < 26:
                pass
        assert every == sorted(every)
        assert await ids(client, "/restaurants", ada, q="CRÊPERIE") == ["creperie-saint-malo"]
        assert await ids(client, "/restaurants", ada, q="花見") == ["sushi-hanami"]
        some = await ids(client, "/restaurants", ada, cuisine="italian")
        assert 0 < len(some) < 26
        odd = await client.get("/restaurants/a%00b", headers=ada)
        assert (odd.status_code, odd.json()["type"].rpartition("/")[2]) == (422, "invalid-request")
        assert await ids(client, "/restaurants", ada, q="zz\0zz") == []
        dishes = (await client.get(f"/restaurants/{some[0]}", headers=ada)).json()
        assert dishes["id"] == some[0]
    async with running(environment, "menu_bff:create_app") as client:  # nothing is seeded twice, all is still there
        assert await ids(client, "/restaurants", ada, limit=50) == every


async def test_a_service_refuses_a_role_that_row_level_security_does_not_bind(
    environment: dict[str, str], postgres_server: PostgresServer
) -> None:
    free = {**environment, "DATABASE_URL": environment["DATABASE_URL"].replace("service@", "postgres@")}
    process = await start(free, "menu_bff:create_app", "--port", "0")
    _, said = await process.communicate()
    assert process.returncode != 0
    assert b"DATABASE_URL connects as 'postgres', whom row-level security does not bind" in said

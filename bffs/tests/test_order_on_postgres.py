"""All services of an order in processes of their own, each with its own schema in PostgreSQL, around a real hub."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bffs.kit.tests.bff_process import serving
from bffs.kit.tests.issuer_server import published_keys
from bffs.kit.tests.sql_engines import new_schema, service_database
from bffs.kit.tests.store_world import NatsServer
from bffs.tests.test_order_events import ADD, CHANGE, HOME, SUBMIT
from portico.bff import new_id
from portico.bff.testing.tokens import TokenIssuer
from tools.postgres import PostgresServer, postgres_server

__all__ = ["postgres_server", "service_database"]

BFFS = Path(__file__).parents[1]
NAMES = sorted(folder.parent.name for folder in BFFS.glob("*/pyproject.toml"))
LIMIT_S = 60


class Site:
    """Clients of all services by name, and what people say to them."""

    def __init__(self, clients: dict[str, httpx.AsyncClient], issuer: TokenIssuer) -> None:
        self._clients = clients
        self._people = {
            "ada": issuer.headers("ada", roles=("customer",), name="Ada Lovelace"),
            "mario": issuer.headers("mario", roles=("cook",), tenant="da-mario"),
            "karim": issuer.headers("karim", roles=("courier",), tenant="riders", name="Karim Benali"),
            "grace": issuer.headers("grace", roles=("customer", "operator")),
        }

    async def data(self, who: str, service: str, document: str, key: str | None = None, **variables: Any) -> Any:
        """What GraphQL answers; a command has a key."""
        headers = self._people[who] | ({"Idempotency-Key": key} if key else {})
        answer = await self._clients[service].post(
            "/graphql", json={"query": document, "variables": variables}, headers=headers
        )
        body = answer.json()
        assert "errors" not in body, body
        return body["data"]

    async def rest(self, who: str, service: str, method: str, path: str, **arguments: Any) -> httpx.Response:
        headers = self._people[who] | ({"Idempotency-Key": new_id()} if method != "GET" else {})
        answer = await self._clients[service].request(method, path, headers=headers, **arguments)
        assert answer.is_success, answer.text
        return answer

    async def get(self, who: str, service: str, path: str) -> Any:
        return (await self.rest(who, service, "GET", path)).json()


@pytest.fixture
async def site(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    service_database: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
) -> AsyncIterator[Site]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    nats = NatsServer(tmp_path / "nats")
    await nats.start()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(nats.kill)
        url = stack.enter_context(published_keys(token_issuer))
        common = kept | bff_settings | {"PORTICO_JWKS_URL": url, "NATS_URL": nats.url, "PORTICO_DEMO": "1"}

        async def start(name: str) -> tuple[str, httpx.AsyncClient]:
            database = new_schema(service_database, postgres_server)
            own = {"PORTICO_APP": name, "DATABASE_URL": database, "ARCHIVE_DOCUMENTS": str(tmp_path / "documents")}
            _, address = await stack.enter_async_context(serving(common | own, f"{name}_bff:create_app"))
            client = httpx.AsyncClient(base_url=address, trust_env=False, timeout=20)
            return name, await stack.enter_async_context(client)

        yield Site(dict(await asyncio.gather(*map(start, NAMES))), token_issuer)


async def until(seen: Any, wanted: Any) -> None:
    """Ask again until the word has gone from service to service."""
    last = None
    try:
        async with asyncio.timeout(LIMIT_S):
            while (last := await seen()) != wanted:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{last!r} is not {wanted!r}") from None


@pytest.mark.timeout(300)  # twelve processes start at once
async def test_an_order_goes_from_the_basket_to_its_receipt(site: Site) -> None:
    async def counted() -> tuple[int, int]:
        """Of all days that there are: none of them ends in the middle of this."""
        numbers = (await site.get("grace", "insights", "/report?restaurant=da-mario&days=92"))["total"]
        return numbers["completed"], numbers["ratings"]

    completed, ratings = await counted()
    total = (await site.data("ada", "checkout", ADD, dish="da-mario.margherita", quantity=2))["addToBasket"]["total"]
    key = new_id()
    await site.data("ada", "checkout", SUBMIT, key, input={"address": HOME, "seenTotal": total})

    async def status() -> str:
        found = await site.data("ada", "tracking", "query ($id: ID!) { delivery(id: $id) { status } }", id=key)
        return str(found["delivery"]["status"]) if found["delivery"] else "unknown"

    async def queue() -> list[str]:
        return [task["id"] for task in (await site.data("mario", "kitchen", "{ queue { id } }"))["queue"]]

    async def ready() -> list[str]:
        return [job["id"] for job in (await site.data("karim", "courier", "{ ready { id } }"))["ready"]]

    async def average() -> int:
        return int((await site.get("ada", "ratings", "/restaurants/da-mario"))["count"])

    async def filed() -> bool:
        receipts = (await site.get("ada", "archive", "/receipts"))["items"]
        return any(one["id"] == key and one["filed"] for one in receipts)

    async def may_rate() -> bool:
        return bool((await site.get("ada", "ratings", f"/orders/{key}"))["mayRate"])

    await until(queue, [key])
    await site.data("mario", "kitchen", CHANGE % "accept", new_id(), id=key, version=1)
    await site.data("mario", "kitchen", CHANGE % "ready", new_id(), id=key, version=2)
    await until(ready, [key])
    await site.data("karim", "courier", CHANGE % "pickUp", new_id(), id=key, version=2)
    await site.data("karim", "courier", CHANGE % "deliver", new_id(), id=key, version=3)
    await until(status, "COMPLETED")

    before = await average()
    await until(may_rate, True)
    await site.rest("ada", "ratings", "POST", "/ratings", json={"orderId": key, "stars": 5})
    await until(average, before + 1)
    await until(filed, True)
    link = (await site.rest("ada", "archive", "POST", f"/receipts/{key}/link")).json()["path"]
    assert (await site.rest("ada", "archive", "GET", link)).content.startswith(b"%PDF-")
    await until(counted, (completed + 1, ratings + 1))
    assert await site.get("grace", "notifications", "/endpoints") == []

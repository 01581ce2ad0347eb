"""The stars on the menu: what ratings say of a restaurant, however it is heard."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette

from bffs.kit.tests.sql_engines import service_database, service_url, store_url
from menu_bff import create_app
from menu_bff.ratings import Standing
from portico.bff import Event
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer
from tools.postgres import postgres_server

__all__ = ["postgres_server", "service_database", "service_url", "store_url"]


@pytest.fixture
async def menu(
    demo_settings: dict[str, str],
    store_url: str,
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> AsyncIterator[BffClient]:
    settings = demo_settings | {"DATABASE_URL": store_url}
    async with bff_client(create_app(settings, keys=token_issuer.keys(), hub=bff_hub)) as client:
        yield client.signed_in("ada")


async def hear(hub: InMemoryHub, *counts: int, service: str = "ratings") -> None:
    for count in counts:
        standing = Standing("da-mario", average=20 + count, count=count)
        await hub.emit(Event("restaurant.rated", f"r-{count}", standing, partition_key="da-mario"), service=service)
    await hub.settled()


async def stars(menu: BffClient) -> tuple[int, int]:
    """Of Da Mario, as the list and its own page say."""
    listed = (await menu.get("/restaurants", params={"limit": 50})).json()["items"]
    [here] = [restaurant["rating"] for restaurant in listed if restaurant["id"] == "da-mario"]
    return here, (await menu.get("/restaurants/da-mario")).json()["rating"]


async def test_a_restaurant_stands_where_its_ratings_put_it(menu: BffClient, bff_hub: InMemoryHub) -> None:
    assert await stars(menu) == (48, 48)
    await hear(bff_hub, 1)
    assert await stars(menu) == (21, 21)
    assert (await menu.get("/restaurants/supra")).json()["rating"] == 49


async def test_the_most_ratings_count_in_whatever_order_they_are_heard(menu: BffClient, bff_hub: InMemoryHub) -> None:
    for before, order in enumerate(itertools.permutations((1, 2, 3))):
        counts = [3 * before + count for count in order]
        await hear(bff_hub, *counts)
        await hear(bff_hub, *counts)
        assert await stars(menu) == (20 + max(counts), 20 + max(counts))


async def test_nobody_but_ratings_is_believed(menu: BffClient, bff_hub: InMemoryHub) -> None:
    await hear(bff_hub, 7, service="kitchen")
    assert await stars(menu) == (48, 48)

"""The demo restaurants, and how they come into the store."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import pytest
from starlette.applications import Starlette

from menu_bff import create_app
from menu_bff.demo_data import DemoRestaurant, demo_restaurants, seed, slug
from menu_bff.model import MOST_DISHES
from portico.bff import ConflictError, EntityStore
from portico.bff.testing.client import BffClient
from portico.bff.testing.tokens import TokenIssuer
from portico.sql import Database, Row, Statement, Value

RunBff = Callable[[Starlette], AbstractAsyncContextManager[BffClient]]


@pytest.fixture(scope="module")
def restaurants() -> list[DemoRestaurant]:
    return demo_restaurants()


def test_there_is_enough_to_look_through(restaurants: list[DemoRestaurant]) -> None:
    assert len(restaurants) >= 24
    assert sum(len(list(restaurant.dishes())) for restaurant in restaurants) >= 250


def test_ids_are_unique_and_fit_an_address(restaurants: list[DemoRestaurant]) -> None:
    ids = [restaurant.id for restaurant in restaurants]
    dishes = [dish.id for restaurant in restaurants for dish in restaurant.dishes()]
    assert len(set(ids)) == len(ids)
    assert len(set(dishes)) == len(dishes)
    assert all(restaurant.id == slug(restaurant.id) for restaurant in restaurants)
    assert all(len(dish_id.partition(".")[2]) >= 3 for dish_id in dishes)


def test_every_restaurant_is_believable(restaurants: list[DemoRestaurant]) -> None:
    for restaurant in restaurants:
        dishes = list(restaurant.dishes())
        assert 8 <= len(dishes) <= MOST_DISHES
        assert all(200 <= dish.price.amount <= 3000 for dish in dishes)
        assert 30 <= restaurant.rating <= 50
        assert restaurant.minutes[0] < restaurant.minutes[1]
        names = [section.name for section in restaurant.sections]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Phở bò tái", "pho-bo-tai"),
        ("Rødgrød med fløde", "rodgrod-med-flode"),
        ("Gołąbki", "golabki"),
        ("Œufs mayonnaise", "oeufs-mayonnaise"),
        ("Karn\u0131yar\u0131k", "karniyarik"),
        ("Bird\u2019s eye / lime!", "birds-eye-lime"),
        ("Onigiri trio おにぎり", "onigiri-trio"),
    ],
)
def test_slugs_keep_what_latin_can_say(name: str, expected: str) -> None:
    assert slug(name) == expected


async def test_without_demo_the_store_stays_empty(
    bff_settings: dict[str, str], token_issuer: TokenIssuer, bff_client: RunBff
) -> None:
    async with bff_client(create_app(bff_settings, keys=token_issuer.keys())) as client:
        response = await client.signed_in().get("/restaurants")
    assert response.json() == {"items": [], "nextCursor": None}


async def test_a_second_start_adds_nothing(
    demo_settings: dict[str, str], token_issuer: TokenIssuer, bff_client: RunBff
) -> None:
    for _ in range(2):
        async with bff_client(create_app(demo_settings, keys=token_issuer.keys())) as client:
            response = await client.signed_in().get("/restaurants", params={"limit": 50})
            assert len(response.json()["items"]) == 26


async def test_two_that_seed_at_once_fill_the_store_once(
    demo_settings: dict[str, str], restaurants: list[DemoRestaurant]
) -> None:
    url = demo_settings["DATABASE_URL"]
    stores = [await EntityStore.open(url, service="menu") for _ in range(2)]
    try:
        results = await asyncio.gather(*(seed(store, restaurants) for store in stores), return_exceptions=True)
    finally:
        for store in stores:
            await store.close()
    assert results.count(26) == 1
    assert all(result in {26, 0} or isinstance(result, ConflictError) for result in results)


class CountingDatabase(Database):
    """Another database, and how often it was read and written."""

    def __init__(self, inner: Database) -> None:
        self.inner = inner
        self.reads = self.writes = 0

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        self.reads += 1
        return await self.inner.read(sql, params)

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        self.writes += 1
        return await self.inner.write(statements)

    async def close(self) -> None:
        await self.inner.close()


async def test_seeding_does_not_keep_a_start_waiting(
    demo_settings: dict[str, str], restaurants: list[DemoRestaurant]
) -> None:
    """It looks once at each row that it writes, and all are one commit."""
    opened = await EntityStore.open(demo_settings["DATABASE_URL"], service="menu")
    counting = CountingDatabase(opened.database)
    try:
        await seed(EntityStore(counting, service="menu"), restaurants)
        [[rows]] = await opened.database.read("SELECT count(*) FROM entities")
        assert (counting.reads, counting.writes) == (1 + int(str(rows)), 1)
    finally:
        await opened.close()

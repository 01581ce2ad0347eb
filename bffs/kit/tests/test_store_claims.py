"""Rows that are reached by a claim: who holds the row's value sees and changes it, and nobody else."""

from collections.abc import AsyncIterator

import pytest

from bffs.kit.tests.store_world import ADA, NOTE, Note, person
from portico.bff.claims import Claims
from portico.bff.entity import ClaimReach, EntityType
from portico.bff.errors import AccessRefused, ConflictError
from portico.bff.store import EntityStore

STOCK = EntityType("stock", Note, reach=ClaimReach("shops"))
PRICE = EntityType("price", Note, reach=ClaimReach("shops"), writers=frozenset({"buyer"}))
NORTH, BOTH = person("nat", shops=["north"]), person("bo", shops=["north", "south"])


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="shop")
    async with store.system_unit_of_work("seed") as uow:
        for shop in ("north", "south", "east"):
            await uow.put(STOCK, f"{shop}-stock", Note(shop), claim_value=shop)
            await uow.put(PRICE, f"{shop}-price", Note(shop), claim_value=shop)
        await uow.commit()
    yield store
    await store.close()


@pytest.mark.parametrize(
    ("claims", "reached"),
    [
        (NORTH, {"north-stock"}),
        (BOTH, {"north-stock", "south-stock"}),
        (person("who", shops=[]), set()),
        (person("who", shops=[""]), set()),
        (person("who", shop=["north"]), set()),
        (person("north", tenant="north"), set()),
        (None, set()),
    ],
)
async def test_rows_of_a_claim_are_reached_by_who_holds_the_value(
    store: EntityStore, claims: Claims | None, reached: set[str]
) -> None:
    keys = ["north-stock", "south-stock", "east-stock"]
    async with store.unit_of_work(claims) as uow:
        assert {item.key.pk for item in (await uow.query(STOCK)).items} == reached
        assert {pk for pk in keys if await uow.get(STOCK, pk)} == reached
        assert set(await uow.get_many(STOCK, keys)) == reached


async def test_a_row_of_a_claim_is_written_by_who_holds_the_value_and_stays_where_it_is(store: EntityStore) -> None:
    async with store.unit_of_work(NORTH) as uow:
        await uow.put(STOCK, "n1", Note("by one value"))
        await uow.put(STOCK, "north-stock", Note("changed"), version=1)
        with pytest.raises(ConflictError):
            await uow.put(STOCK, "south-stock", Note("mine now"), version=1)
        with pytest.raises(ValueError, match="one that the person's claim 'shops' holds"):
            await uow.put(STOCK, "n2", Note("forged"), claim_value="south")
        with pytest.raises(AccessRefused):
            await uow.put(PRICE, "north-price", Note("cheap"), version=1)
        await uow.commit()
    async with store.unit_of_work(BOTH) as uow:
        with pytest.raises(ValueError, match="one that the person's claim"):
            await uow.put(STOCK, "b1", Note("whose?"))
        await uow.put(STOCK, "b1", Note("south's"), claim_value="south")
        with pytest.raises(ValueError, match="keeps its claim_value"):
            await uow.put(STOCK, "n1", Note("moved"), version=1, claim_value="south")
        await uow.commit()
    async with store.system_unit_of_work("check") as uow:
        rows = {item.key.pk: (item.claim_value, item.last_modified_by) for item in (await uow.query(STOCK)).items}
        with pytest.raises(ValueError, match=r"must say whose row this is \(claim_value\)"):
            await uow.put(STOCK, "new", Note("x"))
    assert [rows[pk] for pk in ("n1", "b1", "north-stock")] == [("north", "nat"), ("south", "bo"), ("north", "nat")]


async def test_a_value_of_a_claim_is_for_kinds_that_look_at_it(store: EntityStore) -> None:
    async with store.unit_of_work(NORTH) as uow:
        with pytest.raises(ValueError, match="kinds that are reached by a claim"):
            await uow.put(NOTE, "n", Note("x"), claim_value="north")
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(AccessRefused):
            await uow.put(STOCK, "n", Note("x"))


async def test_a_value_of_a_claim_is_never_taken_for_sql(store: EntityStore) -> None:
    eve = person("eve", shops=["x') OR TRUE --", "'", "$1"])
    async with store.unit_of_work(eve) as uow:
        await uow.put(STOCK, "odd", Note("x"), claim_value="x') OR TRUE --")
        await uow.commit()
    async with store.unit_of_work(eve) as uow:
        assert [item.key.pk for item in (await uow.query(STOCK)).items] == ["odd"]

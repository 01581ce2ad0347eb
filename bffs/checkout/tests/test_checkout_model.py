from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bffs.checkout.tests.conftest import CATALOGUE
from checkout_bff import commands
from checkout_bff.money import Money
from checkout_bff.order import Address, Wish
from checkout_bff.price_book import Catalogue, CatalogueDish, CatalogueRestaurant, seed
from portico.bff import Claims, EntityStore
from portico.sql import Database, Row, Statement, Value

ADA = Claims(sub="ada", client_id="portico", issuer="test", audience="test", issued_at=0, expires_at=0)
WISH = Wish(Address("Ada", "Row 12", "1815", "London"), "", Money(2090, "EUR"))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class CountingDatabase(Database):
    """Another database, and how often it was read."""

    def __init__(self, inner: Database) -> None:
        self.inner = inner
        self.reads = 0

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        self.reads += 1
        return await self.inner.read(sql, params)

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        return await self.inner.write(statements)

    async def close(self) -> None:
        await self.inner.close()


async def test_a_basket_takes_two_reads_however_many_dishes_it_holds(tmp_path: Path) -> None:
    opened = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="checkout")
    counting = CountingDatabase(opened.database)
    store = EntityStore(counting, service="checkout")
    dishes = tuple(CatalogueDish(f"dish-{number}", f"Dish {number}", 100 + number) for number in range(30))
    await seed(store, Catalogue("EUR", (CatalogueRestaurant("r", "R", 190, dishes),)))
    for wanted in (1, 30):
        for dish in dishes[:wanted]:
            async with store.unit_of_work(ADA) as uow:
                await commands.add_to_basket(uow, "ada", dish_id=dish.id, quantity=1, fresh=False)
                await uow.commit()
        counting.reads = 0
        async with store.unit_of_work(ADA) as uow:
            view = await commands.view_basket(uow, "ada")
        assert len(view.priced.lines) == wanted
        assert counting.reads == 2
    await store.close()


async def test_a_command_that_ends_before_its_commit_leaves_nothing(tmp_path: Path) -> None:
    store = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="checkout")
    await seed(store, CATALOGUE)
    async with store.unit_of_work(ADA) as uow:
        await commands.add_to_basket(uow, "ada", dish_id="pizza", quantity=2, fresh=False)
        await uow.commit()
    before = await everything(store)
    async with store.unit_of_work(ADA, command="attempt-1") as uow:
        await commands.submit_order(uow, "ada", WISH, order_id="o-1", at=NOON)
    assert await everything(store) == before
    await store.close()


async def test_the_same_command_gives_the_event_the_same_id_wherever_it_runs(tmp_path: Path) -> None:
    ids = []
    for place, key in (("one", "attempt-1"), ("other", "attempt-1"), ("third", "attempt-2")):
        store = await EntityStore.open(f"sqlite:///{tmp_path}/{place}.db", service="checkout", region=place)
        await seed(store, CATALOGUE)
        async with store.unit_of_work(ADA, command=key) as uow:
            await commands.add_to_basket(uow, "ada", dish_id="pizza", quantity=2, fresh=False)
            await commands.submit_order(uow, "ada", WISH, order_id="o-1", at=NOON)
            await uow.commit()
        ids += [id_ for (id_,) in await store.database.read("SELECT id FROM outbox")]
        await store.close()
    assert ids[0] == ids[1] != ids[2]


async def everything(store: EntityStore) -> list[list[Row]]:
    tables = ("entities", "outbox", "idempotency", "audit")
    return [await store.database.read(f"SELECT * FROM {table}") for table in tables]

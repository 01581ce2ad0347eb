"""Reading through the entity store on PostgreSQL, behind row-level security, against the same query by asyncpg."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from benchmarks.listing_bff import Item
from benchmarks.measure import Figure, Scale, interleaved
from benchmarks.table import Table
from portico.bff import Claims, EntityStore, EntityType, Reach, SearchText
from tools.postgres import PostgresServer, postgres

FLOOR = "asyncpg, one row"
_PAGE = "asyncpg, a page of 20"
_ROWS = 5_000
_OWN = 100
_CLAIMS = Claims("ada", "bench", "http://bench", "urn:bench", 0, 2**40)
_MINE = EntityType("mine", Item, search=lambda item: SearchText(item.title))
_ALL = EntityType("all", Item, Reach.EVERYONE, frozenset({"editor"}), lambda item: SearchText(item.title))
_WHERE = "discriminator = $1 AND deleted = 0 AND (ttl IS NULL OR ttl > $2) AND owner = $3"


async def run(scale: Scale, folder: Path) -> Table:  # noqa: ARG001 (PostgreSQL has a folder of its own)
    """Measure elapsed time of one read after another, for it is round trips that row-level security adds."""
    with postgres() as server:
        _prepare(server)
        store = await EntityStore.open(f"postgresql://service@/bench?host={server.folder}", service="bench")
        # Nothing binds this role: the floor reads without the second wall.
        pool = await asyncpg.create_pool(f"postgresql://postgres@/bench?host={server.folder}", min_size=1, max_size=8)
        try:
            await _fill(store)
            await pool.execute("ANALYZE")
            figures = await interleaved(_cases(store, pool, scale), scale.rounds)
        finally:
            await store.close()
            await pool.close()
    floors = {name: figures[_PAGE if "page" in name else FLOOR] for name in figures}
    return Table(
        "Reads on PostgreSQL, behind row-level security",
        ("", "elapsed µs", "times floor", "over floor", "least to most"),
        [_row(name, figure, floors[name]) for name, figure in figures.items()],
        [
            f"{2 * _ROWS:,} rows, {_OWN} of them the person's own; one read after another over a Unix socket. Under"
            " row-level security a read of what is not everyone's waits for two round trips, and its transaction ends"
            " by a third.",
        ],
    )


def _cases(store: EntityStore, pool: asyncpg.Pool, scale: Scale) -> dict[str, Callable[[], Awaitable[float]]]:
    columns = "pk, sk, data, version, timestamp, stamp, last_modified_by, owner, tenant, ttl, claim_value"
    one = f"SELECT {columns} FROM entities WHERE {_WHERE} AND pk = $4 AND sk = $1"
    page = f"SELECT {columns} FROM entities WHERE {_WHERE} ORDER BY pk, sk LIMIT 20"
    now = int(time.time())

    async def get(kind: EntityType[Item], key: str) -> None:
        async with store.unit_of_work(_CLAIMS) as uow:
            assert await uow.get(kind, key)

    async def query(kind: EntityType[Item]) -> None:
        async with store.unit_of_work(_CLAIMS) as uow:
            assert len((await uow.query(kind, limit=20)).items) == 20

    async def search(kind: EntityType[Item], text: str, found: int) -> None:
        async with store.unit_of_work(_CLAIMS) as uow:
            assert len((await uow.search(kind, text)).items) == found

    return {
        FLOOR: _each(scale, lambda: pool.fetch(one, "mine", now, "ada", "mine00007")),
        "store, one's own row": _each(scale, lambda: get(_MINE, "mine00007")),
        "store, everyone's row": _each(scale, lambda: get(_ALL, "all00007")),
        _PAGE: _each(scale, lambda: pool.fetch(page, "mine", now, "ada")),
        "store, a page of 20 of one's own": _each(scale, lambda: query(_MINE)),
        "store, a page of 20 of everyone's": _each(scale, lambda: query(_ALL)),
        f"store, search in {_ROWS:,} of everyone's": _each(scale, lambda: search(_ALL, "number 00123", 1)),
        f"store, search in {_ROWS:,}, {_OWN} of them one's own": _each(
            scale, lambda: search(_MINE, "number 00007", 1), calls=20
        ),
    }


def _each(scale: Scale, work: Callable[[], Awaitable[object]], calls: int = 0) -> Callable[[], Awaitable[float]]:
    count = calls or scale.requests

    async def measured() -> float:
        began = time.perf_counter()
        for _ in range(count):
            await work()
        return (time.perf_counter() - began) / count * 1e6

    return measured


def _row(name: str, figure: Figure, floor: Figure) -> list[str]:
    low, high = figure.spread
    ratio, over = ("floor", "") if figure is floor else (f"{figure.ratio(floor):.2f}", f"{figure.over(floor):,.0f}")
    return [name, f"{figure.median:,.0f}", ratio, over, f"{low:,.0f} to {high:,.0f}"]


def _prepare(server: PostgresServer) -> None:
    server.run("createuser", "--no-superuser", "service")
    server.run("createdb", "--template=template0", "--owner=service", "bench")


async def _fill(store: EntityStore) -> None:
    for kind in (_MINE, _ALL):
        for start in range(0, _ROWS, 1000):
            async with store.system_unit_of_work("fill") as uow:
                for n in range(start, start + 1000):
                    item = Item(f"{kind.discriminator}{n:05d}", f"Thing number {n:05d}", n, ["one", "two"])
                    await uow.put(kind, item.id, item, owner="ada" if n < _OWN else f"p{n % 997}")
                await uow.commit()

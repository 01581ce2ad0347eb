"""Durable commands per second through the entity store, against the database alone with one commit per transaction."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import apsw
import asyncpg  # type: ignore[import-untyped]
import msgspec

from benchmarks.listing_bff import ITEM, Item
from benchmarks.measure import Figure, Scale, interleaved
from benchmarks.table import Table
from portico.bff import Claims, EntityStore, Event, new_id
from portico.bff.idempotency import idempotent, request_hash
from portico.bff.idempotency_record import StoredResponse
from portico.bff.unit_of_work import UnitOfWork
from tools.postgres import postgres

FLOOR = "{engine} alone, one commit per transaction"
_COMMITS = 800
_WRITERS = (1, 16)
_CLAIMS = Claims("ada", "bench", "http://bench", "urn:bench", 0, 2**40)

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Engine:
    """A store to measure, and what its database does by itself."""

    name: str
    store: EntityStore
    alone: Work


async def run(scale: Scale, folder: Path) -> Table:
    """Measure elapsed time, for a durable commit waits for the disk, and CPU time beside it."""
    rows: list[list[str]] = []
    async with _sqlite(folder) as sqlite, _postgres() as server:
        for engine in (sqlite, server):
            rows += await _rows(engine, scale)
    return Table(
        "Durable commands per second (SQLite: WAL, synchronous=FULL; PostgreSQL: synchronous_commit, fsync)",
        ("", "per second", "times floor", "CPU µs each", "least to most"),
        rows,
        [
            f"A unit of work puts a row with its audit entry; a command also keeps its answer and emits an event."
            f" {_COMMITS} a round. CPU is this process's: of SQLite all, of PostgreSQL without the server.",
            "Goal on two quiet cores: 5,000 commands/s by 16 writers on SQLite.",
        ],
    )


async def _rows(engine: Engine, scale: Scale) -> list[list[str]]:
    cpu: dict[str, list[float]] = {}

    def rate(name: str, work: Work) -> Callable[[], Awaitable[float]]:
        async def measured() -> float:
            began, used = time.perf_counter(), time.process_time()
            await work()
            cpu.setdefault(name, []).append((time.process_time() - used) / _COMMITS * 1e6)
            return _COMMITS / (time.perf_counter() - began)

        return measured

    floor = FLOOR.format(engine=engine.name)
    works: dict[str, Work] = {floor: engine.alone}
    for writers in _WRITERS:
        many = f"{writers} writer{'s' * (writers > 1)}"
        works[f"{engine.name}, units of work, {many}"] = partial(_each, _unit, engine.store, writers)
        works[f"{engine.name}, commands, {many}"] = partial(_each, _command, engine.store, writers)
    figures = await interleaved({name: rate(name, work) for name, work in works.items()}, scale.rounds)
    return [_row(name, figure, figures[floor], Figure(tuple(cpu[name][1:]))) for name, figure in figures.items()]


def _row(name: str, figure: Figure, floor: Figure, cpu: Figure) -> list[str]:
    low, high = figure.spread
    ratio = "floor" if figure is floor else f"{figure.ratio(floor):.2f}"
    return [name, f"{figure.median:,.0f}", ratio, f"{cpu.median:.0f}", f"{low:,.0f} to {high:,.0f}"]


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[Engine]:
    raw = apsw.Connection(str(folder / "raw.db"))
    raw.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    raw.execute("CREATE TABLE item (id TEXT PRIMARY KEY, data TEXT) WITHOUT ROWID")

    async def alone() -> None:
        for _ in range(_COMMITS):
            item = _item()
            raw.execute("BEGIN IMMEDIATE")
            raw.execute("INSERT INTO item VALUES (?, ?)", (item.id, msgspec.json.encode(item).decode()))
            raw.execute("COMMIT")

    store = await EntityStore.open(f"sqlite:///{folder / 'store.db'}", service="bench")
    try:
        yield Engine("SQLite", store, alone)
    finally:
        await store.close()
        raw.close()


@asynccontextmanager
async def _postgres() -> AsyncIterator[Engine]:
    with postgres(durable=True) as server:
        server.run("createuser", "--no-superuser", "service")
        for name in ("raw", "services"):
            server.run("createdb", "--template=template0", "--owner=service", name)
        url = "postgresql://service@/{}?host=" + str(server.folder)
        raw = await asyncpg.connect(url.format("raw"))
        await raw.execute("CREATE TABLE item (id TEXT PRIMARY KEY, data TEXT)")

        async def alone() -> None:
            for _ in range(_COMMITS):
                item = _item()
                await raw.execute("INSERT INTO item VALUES ($1, $2)", item.id, msgspec.json.encode(item).decode())

        store = await EntityStore.open(url.format("services"), service="bench")
        try:
            yield Engine("PostgreSQL", store, alone)
        finally:
            await store.close()
            await raw.close()


def _item() -> Item:
    return Item(new_id(), "A row that is written", 100, ["one tag"])


async def _each(one: Callable[[EntityStore], Awaitable[None]], store: EntityStore, writers: int) -> None:
    turns = iter(range(_COMMITS))
    async with asyncio.TaskGroup() as group:
        for _ in range(writers):
            group.create_task(_take_turns(one, store, turns))


async def _take_turns(one: Callable[[EntityStore], Awaitable[None]], store: EntityStore, turns: Iterator[int]) -> None:
    for _ in turns:
        await one(store)


async def _unit(store: EntityStore) -> None:
    item = _item()
    async with store.unit_of_work(_CLAIMS) as uow:
        await uow.put(ITEM, item.id, item)
        await uow.commit()


async def _command(store: EntityStore) -> None:
    item = _item()

    async def body(uow: UnitOfWork) -> StoredResponse:
        await uow.put(ITEM, item.id, item)
        uow.emit(Event("item.added", item.id, item))
        return StoredResponse(201, msgspec.json.encode(item))

    await idempotent(store, _CLAIMS, item.id, request_hash("POST", "/items", b"{}"), body)

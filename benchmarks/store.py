"""Durable commits per second through the entity store, against apsw with one fsynced transaction per commit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path

import apsw
import msgspec

from benchmarks.listing_bff import ITEM, Item
from benchmarks.measure import Figure, Scale, interleaved
from benchmarks.table import Table
from portico.bff import Claims, EntityStore, new_id

FLOOR = "apsw, one commit per transaction"
_COMMITS = 400
_WRITERS = (1, 16)
_CLAIMS = Claims("ada", "bench", "http://bench", "urn:bench", 0, 2**40)


async def run(scale: Scale, folder: Path) -> Table:
    """Measure elapsed time, for a durable commit waits for the disk, and CPU time beside it."""
    raw = _raw(folder / "raw.db")
    store = await EntityStore.open(f"sqlite:///{folder / 'store.db'}", service="bench")
    cpu: dict[str, list[float]] = {}

    def rate(name: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[float]]:
        async def measured() -> float:
            began, used = time.perf_counter(), time.process_time()
            await work()
            cpu.setdefault(name, []).append((time.process_time() - used) / _COMMITS * 1e6)
            return _COMMITS / (time.perf_counter() - began)

        return measured

    names = {f"entity store, {writers} writer{'s' * (writers > 1)}": writers for writers in _WRITERS}
    cases = {FLOOR: rate(FLOOR, partial(_commit_raw, raw))}
    cases |= {name: rate(name, partial(_commit_units, store, writers)) for name, writers in names.items()}
    try:
        figures = await interleaved(cases, scale.rounds)
    finally:
        await store.close()
        raw.close()
    floor = figures[FLOOR]
    return Table(
        "Durable commits per second (SQLite, WAL, synchronous=FULL)",
        ("", "commits/s", "times floor", "CPU µs each", "least to most"),
        [_row(name, figure, floor, Figure(tuple(cpu[name][1:]))) for name, figure in figures.items()],
        [f"One unit of work puts a row and its audit entry; {_COMMITS} commits a round. CPU is the whole process's."],
    )


def _row(name: str, figure: Figure, floor: Figure, cpu: Figure) -> list[str]:
    low, high = figure.spread
    ratio = "floor" if figure is floor else f"{figure.ratio(floor):.2f}"
    return [name, f"{figure.median:,.0f}", ratio, f"{cpu.median:.0f}", f"{low:,.0f} to {high:,.0f}"]


def _raw(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE item (id TEXT PRIMARY KEY, data TEXT) WITHOUT ROWID")
    return connection


def _item() -> Item:
    return Item(new_id(), "A row that is written", 100, ["one tag"])


async def _commit_raw(connection: apsw.Connection) -> None:
    for _ in range(_COMMITS):
        item = _item()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO item VALUES (?, ?)", (item.id, msgspec.json.encode(item).decode()))
        connection.execute("COMMIT")


async def _commit_units(store: EntityStore, writers: int) -> None:
    turns = iter(range(_COMMITS))
    async with asyncio.TaskGroup() as group:
        for _ in range(writers):
            group.create_task(_write(store, turns))


async def _write(store: EntityStore, turns: Iterator[int]) -> None:
    for _ in turns:
        item = _item()
        async with store.unit_of_work(_CLAIMS) as uow:
            await uow.put(ITEM, item.id, item)
            await uow.commit()

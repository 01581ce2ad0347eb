"""A projection of a million rows built anew from its events: rows per second into SQLite, and the swap."""

from __future__ import annotations

import gc
import itertools
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import apsw
import msgspec

from benchmarks.measure import Scale
from benchmarks.table import Table
from portico.bff import EntityStore, EntityType, Event, Listener, ReceivedEvent, UnitOfWork, new_id
from portico.bff.deliveries import Consumer, Position
from portico.bff.events import PARTITIONS, Occasion, Origin, enclose, stamp_of
from portico.bff.projection import Past, Rebuild
from portico.sql import Statement

FLOOR = "apsw alone: read the event, insert the row"
_ROWS = 1_000_000
_PORTION = 2_000
_BEGIN = 1_800_000_000_000


class Thing(msgspec.Struct, frozen=True):
    """What the events are about."""

    id: str
    name: str
    number: int


THING = EntityType("thing", Thing)


LISTENER = Listener()


@LISTENER.on("thing.made", id="remember")
async def _remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
    thing = event.entity(Thing)
    await uow.fold(THING, thing.id, thing, owner="ada")


async def run(scale: Scale, folder: Path) -> Table:
    """Measure once: it is long enough. ``scale`` has no say."""
    del scale
    told = [folder / f"events-{partition}.jsonl" for partition in range(PARTITIONS)]
    for partition, file in enumerate(told):
        file.write_text("".join(f"{_told(number)}\n" for number in range(partition, _ROWS, PARTITIONS)))
    floor, bare_cpu = _bare(folder / "raw.db", told)
    store = await EntityStore.open(f"sqlite:///{folder / 'store.db'}", service="bench")
    built: list[tuple[float, float]] = []

    def as_it_swaps() -> Sequence[Statement]:
        built.append((time.perf_counter(), time.process_time()))
        return ()

    rebuild = Rebuild(LISTENER, store, "g2", rules=["remember"], kinds=[THING], with_swap=as_it_swaps)
    gc.collect()
    gc.freeze()  # as a service's server does when it has started
    began, used = time.perf_counter(), time.process_time()
    await rebuild.build(_past(told))
    ended = time.perf_counter()
    gc.unfreeze()
    found = await store.database.read("SELECT count(*) FROM entities WHERE discriminator = 'thing'")
    await store.close()
    if found != [(_ROWS,)]:
        raise RuntimeError(f"{found} rows of {_ROWS}")
    ((swaps, cpu),) = built
    took = swaps - began
    ratio, each = f"{floor / took:.2f}", f"{(cpu - used) / _ROWS * 1e6:.1f}"
    return Table(
        f"A projection of {_ROWS:,} rows built anew (SQLite)",
        ("", "rows/s", "times floor", "CPU µs each"),
        [
            [FLOOR, f"{_ROWS / floor:,.0f}", "floor", f"{bare_cpu / _ROWS * 1e6:.1f}"],
            ["rebuilt beside the live rows", f"{_ROWS / took:,.0f}", ratio, each],
        ],
        [
            f"{PARTITIONS} partitions side by side, in portions of {_PORTION:,} events: each is read from a file,"
            " looked up in the inbox, folded by a rule, and kept with its row of the inbox and its partition's place."
            " Three indexes have a row's entry; the floor has one.",
            f"The swap took {ended - swaps:.1f} s, in which other writers wait and readers go on.",
            "Goal on two quiet cores: 50,000 rows/s.",
        ],
    )


def _past(told: Sequence[Path]) -> Past:
    """What a hub would hand out of each partition, without the hub."""

    async def past(consumer: Consumer, after: Position) -> AsyncIterator[tuple[Position, Sequence[ReceivedEvent]]]:
        seq = after.seq
        for bodies in _portions(told[int(consumer.name.rpartition("-")[2])]):
            seq += len(bodies)
            yield Position("bench", seq), [ReceivedEvent.read(body) for body in bodies]

    return past


def _portions(told: Path) -> Iterator[list[str]]:
    with told.open() as file:
        while portion := list(itertools.islice(file, _PORTION)):
            yield portion


def _told(number: int) -> str:
    id_, at = new_id(), _BEGIN + number
    event = Event("thing.made", id_, Thing(id_, "a thing with a name of some length", number))
    occasion = Occasion(at, stamp_of(at, id_), ("commit", "local", id_), at, "someone", id_)
    return enclose(event, msgspec.json.encode(event.entity), 0, Origin("elsewhere", "local"), occasion).body


def _bare(path: Path, told: Sequence[Path]) -> tuple[float, float]:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE thing (id TEXT PRIMARY KEY, stamp TEXT, data TEXT)")
    began, used = time.perf_counter(), time.process_time()
    for bodies in itertools.chain.from_iterable(_portions(file) for file in told):
        with connection:
            events = [ReceivedEvent.read(body) for body in bodies]
            connection.executemany(
                "INSERT INTO thing VALUES (?, ?, ?)",
                [(event.subject, event.stamp, bytes(event.data).decode()) for event in events],
            )
    taken = time.perf_counter() - began, time.process_time() - used
    connection.close()
    return taken

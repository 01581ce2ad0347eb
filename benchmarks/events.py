"""Events from a commit in one service to the view of another, through a hub that syncs every write."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.events_listener import Item, Report
from benchmarks.measure import Scale
from benchmarks.table import Table
from portico.bff import EntityStore, Event, NatsHub
from portico.bff.deliveries import Consumer, Position
from portico.bff.hub import Message
from portico.bff.trigger import Trigger
from portico.host.nats import NatsServer

_EVENTS = 12_000
_SLOWLY = 800
_A_SECOND = 200
_EACH = 20  # events of one commit
_WRITERS = 16
_MOST_ROUNDS = 3  # a round is 12,000 events five times over, and eight seconds at a steady pace


GOALS = "Goals on two quiet cores: 3,000 events/s with one and with four listeners; p50 15 ms, p99 100 ms at 200/s."


@dataclass(frozen=True, slots=True)
class Flow:
    """One run: events/s from the first commit to the last view, how old events were by then, in seconds, and the CPU
    microseconds that an event took the service that told it and one that heard it."""

    rate: float
    ages: Sequence[float]
    told: float
    heard: float


async def run(scale: Scale, folder: Path) -> Table:
    """Measure events/s with one and four listening processes, how late events are at 200/s, and what the hub can."""
    rounds = min(scale.rounds, _MOST_ROUNDS)
    rows: list[Sequence[str]] = []
    for name, figures in await _floors(folder / "floor", rounds):
        rows.append([name, _rate(figures), "", "", "", ""])
    for listeners in (1, 4):
        found = [await _flow(folder / f"flow-{listeners}-{n}", listeners) for n in range(rounds)]
        name = f"commit to view, {_plural(listeners)}, batches of 100"
        rows.append([name, _rate([one.rate for one in found]), "", "", *_cpu(found)])
    late = [await _alone(folder / f"alone-{n}") for n in range(rounds)]
    rows.append([f"floor: published to read at {_A_SECOND}/s", "", *_late(late), "", ""])
    slow = [await _flow(folder / f"slow-{n}", 1, batch=1, paced=True) for n in range(rounds)]
    rows.append([f"commit to view at {_A_SECOND}/s, one listener", "", *_late([one.ages for one in slow]), *_cpu(slow)])
    return Table(
        "Events (JetStream with sync_interval always, SQLite)",
        ("", "events/s", "p50 ms", "p99 ms", "CPU µs told", "CPU µs heard"),
        rows,
        [
            f"{_EVENTS} events, {_EACH} in a commit; service, listeners and hub are processes of this machine."
            " CPU is each event's, in the service that commits and publishes it, and in one that hears it.",
            GOALS,
        ],
    )


def _cpu(found: Sequence[Flow]) -> list[str]:
    return [f"{statistics.median(figures):.0f}" for figures in ([f.told for f in found], [f.heard for f in found])]


def _late(rounds: Sequence[Sequence[float]]) -> list[str]:
    """The medians of the rounds' p50 and p99, in milliseconds."""
    return [
        f"{statistics.median(sorted(ages)[int(len(ages) * part)] for ages in rounds) * 1000:.1f}"
        for part in (0.5, 0.99)
    ]


async def _alone(folder: Path) -> list[float]:
    """How long single messages take through the hub alone, from the begin of the publication to a reader."""
    async with _hub(folder) as url:
        hub = NatsHub(url)
        body = msgspec.json.encode(_item(0)).decode()
        began: list[float] = []
        ages: list[float] = []
        reader = await hub.read(Consumer("floor", ("evt.>",)), _beginning)

        async def read() -> None:
            while len(ages) < _SLOWLY:
                arrived = await reader.next(64)
                now = time.perf_counter()
                ages.extend(now - began[int(one.id)] for one in arrived)

        reading = asyncio.create_task(read())
        started = time.perf_counter()
        for number in range(_SLOWLY):
            await asyncio.sleep(max(0.0, started + number / _A_SECOND - time.perf_counter()))
            began.append(time.perf_counter())
            await hub.publish(Message("evt.local.bench.item.changed.0", str(number), body))
        await reading
        await reader.close()
        await hub.close()
    return ages


async def _floors(folder: Path, rounds: int) -> list[tuple[str, list[float]]]:
    """The hub alone, with the same bytes: atomic batches in, and reading them."""
    published, read = [], []
    async with _hub(folder) as url:
        hub = NatsHub(url)
        for number in range(rounds):
            body = msgspec.json.encode(_item(number)).decode()
            messages = [Message("evt.local.bench.item.changed.0", f"{number}-{n}", body) for n in range(_EVENTS)]
            began = time.perf_counter()
            await hub.publish_batch(messages)
            published.append(_EVENTS / (time.perf_counter() - began))
        reader = await hub.read(Consumer("floor", ("evt.>",)), _beginning)
        for _ in range(rounds):
            began, left = time.perf_counter(), _EVENTS
            while left:
                left -= len(await reader.next(min(512, left)))
            read.append(_EVENTS / (time.perf_counter() - began))
        await reader.close()
        await hub.close()
    return [("floor: publish in atomic batches", published), ("floor: read", read)]


async def _beginning() -> Position:
    return Position()


async def _flow(folder: Path, listeners: int, *, batch: int = 100, paced: bool = False) -> Flow:
    count = _SLOWLY if paced else _EVENTS
    async with _hub(folder) as url, contextlib.AsyncExitStack() as stack:
        store = await EntityStore.open(f"sqlite:///{folder}/source.db", service="source")
        hub = NatsHub(url)
        processes = [
            await stack.enter_async_context(_listening(folder, f"view{n}", url, count, batch)) for n in range(listeners)
        ]
        trigger = Trigger(store, hub)
        trigger.start()
        began, used = time.time(), time.process_time()
        await (_commit_slowly(store, count) if paced else _commit(store, count))
        reports = await asyncio.gather(*(_report(process) for process in processes))
        told = time.process_time() - used
        await trigger.stop()
        await hub.close()
        await store.close()
    ended = max(report.ended for report in reports)
    heard = sum(report.cpu for report in reports) / listeners
    ages = [age for report in reports for age in report.ages]
    return Flow(count / (ended - began), ages, told / count * 1e6, heard / count * 1e6)


async def _commit(store: EntityStore, count: int) -> None:
    turns = iter(range(0, count, _EACH))

    async def write() -> None:
        for first in turns:
            await _commit_some(store, range(first, min(first + _EACH, count)))

    await asyncio.gather(*(write() for _ in range(_WRITERS)))


async def _commit_slowly(store: EntityStore, count: int) -> None:
    began = time.perf_counter()
    for number in range(count):
        await asyncio.sleep(max(0.0, began + number / _A_SECOND - time.perf_counter()))
        await _commit_some(store, [number])


async def _commit_some(store: EntityStore, numbers: Sequence[int]) -> None:
    async with store.system_unit_of_work("bench") as uow:
        for number in numbers:
            uow.emit(Event("item.changed", f"item-{number % 5000}", _item(number)))
        await uow.commit()


def _item(number: int) -> Item:
    return Item(number, f"Item {number}", "What the events carry has an ordinary size. " * 6)


@contextlib.asynccontextmanager
async def _hub(folder: Path) -> AsyncIterator[str]:
    server = NatsServer(folder / "nats")
    url = await server.start()
    try:
        yield url
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def _listening(
    folder: Path, name: str, url: str, count: int, batch: int
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.events_listener", f"sqlite:///{folder}/{name}.db", name, url, str(count),
        str(batch), stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _report(process: asyncio.subprocess.Process) -> Report:
    assert process.stdout is not None
    async with asyncio.timeout(120):
        return msgspec.json.decode(await process.stdout.readline(), type=Report)


def _rate(figures: Sequence[float]) -> str:
    return f"{statistics.median(figures):,.0f}"


def _plural(listeners: int) -> str:
    return "one listener" if listeners == 1 else f"{listeners} listeners"

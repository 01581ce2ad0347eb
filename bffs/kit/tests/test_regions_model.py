"""Two regions that tell each other what changed, in any order and any number of times, end with the same rows.

A stateful model: commands in either region, deliveries of any message whenever it pleases the network, again and again.
The oracle is the set of all changes: of each row the newest by time and stamp. Each mistake that is easily made is made
on purpose and must be found.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager as Context
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bffs.kit.tests.store_world import ADA, NOTE, Note, TestClock
from portico.bff import EntityType, Listener, ReceivedEvent, UnitOfWork
from portico.bff.cause import Cause
from portico.bff.changes import Base, Change
from portico.bff.commit_group import CommitGroup
from portico.bff.events import Event
from portico.bff.store import EntityStore
from portico.sql import Statement

REGIONS = ("east", "west")
ROWS = ("a", "b")
TABLES = ("entities", "inbox", "outbox")
RUNS = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    verbosity=Verbosity.quiet,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

T = TypeVar("T")


class Seen(msgspec.Struct, frozen=True):
    """How many events of the other region a region has taken: in need of once and only once."""

    value: int


SEEN = EntityType("seen", Seen)
listener = Listener()


@listener.on("note.*", id="mirror", own=True)
async def mirror(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Take the other region's change; count it."""
    note = None if event.type == "note.removed" else event.entity(Note)
    await uow.fold(NOTE, event.subject, note, owner="ada")
    stored = await uow.get(SEEN, "all")
    await uow.put(SEEN, "all", Seen(1 + (stored.entity.value if stored else 0)), owner="ada")


class World:
    """Two regions' stores, kept from run to run, for opening one takes longer than a run."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.clocks = {region: TestClock(1000) for region in REGIONS}
        self.stores = {region: self.do(self._open(folder, region)) for region in REGIONS}

    async def _open(self, folder: Path, region: str) -> EntityStore:
        return await EntityStore.open(
            f"sqlite:///{folder}/{region}.db", service="notes", region=region, clock=self.clocks[region]
        )

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    async def emptied(self) -> None:
        for region, store in self.stores.items():
            self.clocks[region].milliseconds = 1000
            await store.database.write([Statement(f"DELETE FROM {table}") for table in TABLES])

    def close(self) -> None:
        for store in self.stores.values():
            self.do(store.close())
        self.runner.close()


class Regions(RuleBasedStateMachine):
    """The model. ``told`` is what each region has published; ``taken`` which of it reached the other."""

    world: World

    @initialize()
    def begin(self) -> None:
        self.world.do(self.world.emptied())
        self.told: list[tuple[str, ReceivedEvent]] = []
        self.taken: dict[str, set[str]] = {region: set() for region in REGIONS}
        self.changes = 0

    @rule(region=st.sampled_from(REGIONS), row=st.sampled_from(ROWS), gone=st.booleans())
    def change(self, region: str, row: str, *, gone: bool) -> None:
        self.changes += 1
        self.world.do(self._change(region, row, gone=gone))

    @rule(region=st.sampled_from(REGIONS), milliseconds=st.sampled_from([1, 1, 2, -1]))
    def time_goes_by(self, region: str, milliseconds: int) -> None:
        self.world.clocks[region].milliseconds += milliseconds

    @precondition(lambda self: bool(getattr(self, "told", None)))
    @rule(choice=st.randoms(use_true_random=False))
    def deliver(self, choice: Any) -> None:
        self.world.do(self._deliver(*choice.choice(self.told)))

    def teardown(self) -> None:
        if hasattr(self, "told"):
            self.world.do(self._settle())

    async def _change(self, region: str, row: str, *, gone: bool) -> None:
        store = self.world.stores[region]
        before = len(await store.database.read("SELECT 1 FROM outbox"))
        async with store.unit_of_work(ADA) as uow:
            stored = await uow.get(NOTE, row)
            if gone and stored is None:
                return
            note = Note(f"{region} {self.changes}")
            if gone:
                await uow.delete(NOTE, row)
            else:
                await uow.put(NOTE, row, note)
            uow.emit(Event("note.removed" if gone else "note.changed", row, note))
            await uow.commit()
        rows = await store.database.read("SELECT envelope FROM outbox ORDER BY seq")
        self.told += [(region, ReceivedEvent.read(str(envelope))) for (envelope,) in rows[before:]]

    async def _deliver(self, source: str, event: ReceivedEvent) -> None:
        target = REGIONS[1 - REGIONS.index(source)]
        await listener.handle(self.world.stores[target], event)
        self.taken[target].add(event.id)

    async def _settle(self) -> None:
        for source, event in self.told:
            await self._deliver(source, event)
        expected: dict[str, str | None] = {}
        for _, event in sorted(self.told, key=lambda one: (one[1].timestamp, one[1].stamp)):
            expected[event.subject] = None if event.type == "note.removed" else event.entity(Note).text
        for region in REGIONS:
            assert await self._rows(region) == {row: text for row, text in expected.items() if text is not None}
            assert await self._counted(region) == len(self.taken[region])

    async def _rows(self, region: str) -> dict[str, str]:
        async with self.world.stores[region].unit_of_work(ADA) as uow:
            return {stored.key.pk: stored.entity.text for stored in (await uow.query(NOTE)).items}

    async def _counted(self, region: str) -> int:
        async with self.world.stores[region].unit_of_work(ADA) as uow:
            stored = await uow.get(SEEN, "all")
        return stored.entity.value if stored else 0


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        yield world
        world.close()


def lived(world: World, runs: settings = RUNS) -> None:
    machine = type("RegionsOfThisRun", (Regions,), {"world": world})
    run_state_machine_as_test(machine, settings=runs)


def lock(supersedes: Callable[[Cause, Base], bool]) -> Callable[[], Context[object]]:
    return lambda: mock.patch.object(Cause, "supersedes", supersedes)


@contextmanager
def no_tombstone() -> Iterator[None]:
    whole = CommitGroup.change

    def change(self: CommitGroup, gathered: tuple[Change, ...], *rest: Any) -> None:
        whole(self, [one for one in gathered if one.entity is not None], *rest)
        gone = [one.key for one in gathered if one.entity is None]
        self.statements += [Statement("DELETE FROM entities WHERE pk = $1 AND sk = $2", key) for key in gone]

    with mock.patch.object(CommitGroup, "change", change):
        yield


MUTANTS: dict[str, Callable[[], Context[object]]] = {
    "no lock": lock(lambda cause, base: True),
    "strict milliseconds": lock(lambda cause, base: cause.event.timestamp > base.timestamp),
    "less or equal": lock(lambda cause, base: cause.event.timestamp >= base.timestamp),
    "no tombstone": no_tombstone,
    "no inbox": lambda: mock.patch.object(CommitGroup, "take"),
}


def test_two_regions_end_with_the_same_rows(world: World) -> None:
    lived(world)


@pytest.mark.soak
def test_two_regions_end_with_the_same_rows_in_many_more_runs(world: World) -> None:
    lived(world, settings(RUNS, max_examples=2000, derandomize=False))


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_store_broken_on_purpose_is_caught(mutant: str, world: World) -> None:
    with MUTANTS[mutant](), pytest.raises(AssertionError):
        lived(world, settings(RUNS, max_examples=400, report_multiple_bugs=False))

"""A batch of events in one unit of work: the same effect as one by one, in one commit."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bffs.kit.tests.store_world import NOTE, Note, TestClock
from portico.bff import EntityType, ReceivedEvent, UnitOfWork
from portico.bff.cause import Cause
from portico.bff.errors import ConflictError, DeclarationError
from portico.bff.events import Event
from portico.bff.store import EntityStore
from portico.bff.testing.events import received
from portico.sql import Database, Row, Statement, UniqueViolation, Value


class Thing(msgspec.Struct, frozen=True):
    name: str


class Count(msgspec.Struct, frozen=True):
    value: int


COUNT = EntityType("count", Count)
TABLES = ("entities", "inbox", "outbox")


def changed(subject: str, name: str, timestamp: int, *, gone: bool = False) -> ReceivedEvent:
    type_ = "thing.removed" if gone else "thing.changed"
    return received(Event(type_, subject, Thing(name)), timestamp=timestamp)


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes", clock=TestClock(50_000))
    yield store
    await store.close()


async def rule(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Fold, count, and tell of it."""
    gone = event.type == "thing.removed"
    note = None if gone else Note(event.entity(Thing).name)
    newer = await uow.fold(NOTE, event.subject, note, owner=None if gone else "ada")
    stored = await uow.get(COUNT, event.subject)
    await uow.put(COUNT, event.subject, Count(1 + (stored.entity.value if stored else 0)), owner="ada")
    if newer:
        uow.emit(Event("note.followed", event.subject, Thing(event.id)))


async def take(store: EntityStore, *events: ReceivedEvent) -> None:
    causes = [Cause(event, "r1") for event in events]
    async with store.caused_unit_of_work(*causes) as uow:
        for cause in causes:
            uow.turn_to(cause)
            await rule(cause.event, uow)
        await uow.commit()


async def emptied(store: EntityStore) -> None:
    await store.system_database("test").write([Statement(f"DELETE FROM {table}") for table in TABLES])


async def left(store: EntityStore) -> tuple[list[Row], list[Row], list[Row]]:
    """What must not depend on how events were grouped: rows (but for versions and commits), inbox, what is told."""
    database = store.system_database("test")
    return (
        await database.read(
            "SELECT pk, sk, deleted, data, owner, latched, CASE sk WHEN 'note' THEN stamp END FROM entities"
            " ORDER BY pk, sk"
        ),
        await database.read("SELECT event_id, rule FROM inbox ORDER BY 1"),
        await database.read("SELECT id, type, subject FROM outbox ORDER BY seq"),
    )


@st.composite
def groupings(draw: st.DrawFn) -> tuple[list[ReceivedEvent], list[int]]:
    """Events of few subjects in some order, and where one batch ends and the next begins."""
    moments = st.tuples(st.sampled_from("abc"), st.integers(1000, 1004), st.booleans())
    found = draw(st.lists(moments, min_size=1, max_size=12))
    events = [changed(subject, str(n), at, gone=gone) for n, (subject, at, gone) in enumerate(found)]
    return events, sorted(draw(st.sets(st.integers(1, len(events)))) | {len(events)})


@given(groupings())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_batch_leaves_what_its_events_leave_one_by_one(
    store: EntityStore, grouping: tuple[list[ReceivedEvent], list[int]]
) -> None:
    events, ends = grouping
    await emptied(store)
    for event in events:
        await take(store, event)
    alone = await left(store)
    await emptied(store)
    for start, end in itertools.pairwise([0, *ends]):
        await take(store, *events[start:end])
    assert await left(store) == alone


async def test_what_a_batch_emits_about_one_subject_has_an_order(store: EntityStore) -> None:
    await take(store, *(changed("a", str(n), 1000 + n) for n in range(5)))
    rows = await store.database.read("SELECT envelope FROM outbox ORDER BY seq")
    stamps = [msgspec.json.decode(str(row[0]))["stamp"] for row in rows]
    assert len(stamps) == 5
    assert stamps == sorted(set(stamps))


async def test_a_batch_with_an_event_that_was_taken_changes_nothing(store: EntityStore) -> None:
    events = [changed("a", "one", 1000), changed("b", "two", 1001)]
    await take(store, events[1])
    before = await left(store)
    with pytest.raises(UniqueViolation) as caught:
        await take(store, *events)
    assert caught.value.table == "inbox"
    assert await left(store) == before


async def test_a_row_that_moved_on_during_the_batch_is_a_conflict(store: EntityStore) -> None:
    await take(store, changed("a", "one", 1000))
    causes = [Cause(changed(subject, "two", 2000), "r1") for subject in ("a", "b")]
    async with store.caused_unit_of_work(*causes) as uow:
        await uow.fold(NOTE, "a", Note("two"), owner="ada")
        await take(store, changed("a", "meanwhile", 1500))
        with pytest.raises(ConflictError):
            await uow.commit()


async def test_of_two_batches_that_add_the_same_rows_one_is_told(store: EntityStore) -> None:
    batches = [[Cause(changed(str(n), who, 1000 + n), who) for n in range(100)] for who in ("r1", "r2")]
    async with store.caused_unit_of_work(*batches[0]) as one, store.caused_unit_of_work(*batches[1]) as other:
        for uow, causes in ((one, batches[0]), (other, batches[1])):
            for cause in causes:
                uow.turn_to(cause)
                await uow.fold(NOTE, cause.event.subject, Note(cause.rule), owner="ada")
        await one.commit()
        with pytest.raises(ConflictError) as caught:
            await other.commit()
    assert caught.value.current is not None
    assert caught.value.current.entity == Note("r1")


async def test_a_unit_of_work_takes_only_its_own_batch(store: EntityStore) -> None:
    mine, other = Cause(changed("a", "one", 1000), "r1"), Cause(changed("a", "two", 1001), "r1")
    async with store.caused_unit_of_work(mine) as uow:
        with pytest.raises(DeclarationError):
            uow.turn_to(other)
    with pytest.raises(DeclarationError):
        store.caused_unit_of_work(mine, Cause(other.event, "r2"))
    with pytest.raises(DeclarationError):
        store.caused_unit_of_work()


class CountingDatabase(Database):
    """Counts what is asked of another."""

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


async def test_the_rows_of_a_batch_are_looked_up_at_once(tmp_path: Path) -> None:
    opened = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="notes")
    counting = CountingDatabase(opened.database)
    store = EntityStore(counting, service="notes", clock=TestClock(50_000))
    causes = [Cause(changed(str(n), "name", 1000 + n), "r1") for n in range(200)]
    async with store.caused_unit_of_work(*causes) as uow:
        for cause in causes:
            uow.turn_to(cause)
            await uow.fold(NOTE, cause.event.subject, Note("name"), owner="ada")
        assert counting.reads == 1
        await uow.commit()
    assert await opened.database.read("SELECT count(*) FROM entities") == [(200,)]
    await opened.close()

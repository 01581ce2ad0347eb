"""Any order and any redelivery of the same events end in the same state, and every way to break that is caught."""

import itertools
import random
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager as Context
from contextlib import contextmanager
from unittest import mock

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bffs.kit.tests.store_world import NOTE, Note, TestClock
from portico.bff import EntityType, Listener, ReceivedEvent, UnitOfWork
from portico.bff.cause import Cause
from portico.bff.changes import Change
from portico.bff.commit_group import CommitGroup
from portico.bff.events import Event
from portico.bff.store import EntityStore
from portico.bff.testing.events import received
from portico.sql import Row, Statement


class Thing(msgspec.Struct, frozen=True):
    name: str


class Count(msgspec.Struct, frozen=True):
    """Adding up is in no need of an order, but of once and only once."""

    value: int


COUNT = EntityType("count", Count)

listener = Listener()


@listener.on("thing.*", id="view")
async def view(event: ReceivedEvent, uow: UnitOfWork) -> None:
    gone = event.type == "thing.removed"
    note = None if gone else Note(event.entity(Thing).name)
    await uow.fold(NOTE, event.subject, note, owner=None if gone else event.actor)
    stored = await uow.get(COUNT, event.subject)
    await uow.put(COUNT, event.subject, Count(1 + (stored.entity.value if stored else 0)), owner="system")


def event(n: int, subject: str, timestamp: int, *, removed: bool = False) -> ReceivedEvent:
    type_ = "thing.removed" if removed else "thing.changed"
    return received(Event(type_, subject, Thing(str(n))), timestamp=timestamp)


State = dict[tuple[str, str], tuple[object, ...]]


async def state(store: EntityStore) -> State:
    """What all orders must agree on: the folded rows with all they know, and what the counters say."""
    rows: list[Row] = await store.system_database("test").read(
        "SELECT pk, sk, deleted, data, owner, latched, CASE sk WHEN 'note' THEN timestamp END,"
        " CASE sk WHEN 'note' THEN stamp END FROM entities"
    )
    return {(str(row[0]), str(row[1])): row[2:] for row in rows}


def expected(events: Sequence[ReceivedEvent]) -> State:
    """The same from the events alone, without any store: the newest of each subject, and how many there were."""
    found: State = {}
    for subject, group in itertools.groupby(sorted(events, key=lambda one: one.subject), lambda one: one.subject):
        together = list(group)
        last = max(together, key=lambda one: (one.timestamp, one.stamp))
        gone = last.type == "thing.removed"
        data = "{}" if gone else msgspec.json.encode(Note(last.entity(Thing).name)).decode()
        owner = None if gone else last.actor
        found[subject, "note"] = (int(gone), data, owner, 1, last.timestamp, last.stamp)
        found[subject, "count"] = (0, f'{{"value":{len(together)}}}', "system", 1, None, None)
    return found


def visible(found: State) -> State:
    """What readers see of it: no tombstones."""
    return {key: row for key, row in found.items() if not row[0]}


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes", clock=TestClock(50_000))
    yield store
    await store.close()


async def emptied(store: EntityStore) -> EntityStore:
    await store.system_database("test").write([Statement(f"DELETE FROM {table}") for table in ("entities", "inbox")])
    return store


@st.composite
def schedules(draw: st.DrawFn) -> tuple[list[ReceivedEvent], list[ReceivedEvent]]:
    """Events of few subjects, close together in time, and an order in which they come, each once or more."""
    moments = st.tuples(st.sampled_from("ab"), st.integers(1000, 1003), st.booleans())
    events = [
        event(n, subject, timestamp, removed=removed)
        for n, (subject, timestamp, removed) in enumerate(draw(st.lists(moments, min_size=1, max_size=8)))
    ]
    again = draw(st.lists(st.sampled_from(events), max_size=6))
    return events, draw(st.permutations([*events, *again]))


@given(schedules())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_order_and_any_redelivery_end_in_the_same_state(
    store: EntityStore, schedule: tuple[list[ReceivedEvent], list[ReceivedEvent]]
) -> None:
    events, deliveries = schedule
    await emptied(store)
    for one in deliveries:
        await listener.handle(store, one)
    assert await state(store) == expected(events)


def five() -> list[ReceivedEvent]:
    """Two changes in one millisecond, a removal between changes, one change after it, and one of another subject."""
    return [
        event(1, "a", 1000),
        event(2, "a", 1000),
        event(3, "a", 1001, removed=True),
        event(4, "a", 1002),
        event(5, "b", 1000),
    ]


async def test_all_orders_of_five_events_with_three_redeliveries(store: EntityStore) -> None:
    events, chance = five(), random.Random(7)
    for order in itertools.permutations(events):
        await emptied(store)
        deliveries = list(order)
        for one in chance.sample(events, 3):
            deliveries.insert(chance.randrange(deliveries.index(one) + 1, len(deliveries) + 1), one)
        for one in deliveries:
            await listener.handle(store, one)
        assert await state(store) == expected(events)


Snapshot = tuple[tuple[Row, ...], tuple[Row, ...]]


async def snapshot(store: EntityStore) -> Snapshot:
    tables = [
        await store.system_database("test").read(f"SELECT * FROM {table} ORDER BY 1, 2")
        for table in ("entities", "inbox")
    ]
    return tuple(tables[0]), tuple(tables[1])


async def restore(store: EntityStore, kept: Snapshot) -> None:
    await emptied(store)
    for table, rows in zip(("entities", "inbox"), kept, strict=True):
        for row in rows:
            places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
            await store.system_database("test").write([Statement(f"INSERT INTO {table} VALUES ({places})", row)])


async def disagreement(store: EntityStore, events: Sequence[ReceivedEvent]) -> str | None:
    """Walk through every state that any sequence of deliveries, however long, leads to; tell of the first wrong one.

    What was delivered decides what must be there, so the walk ends: a state that was seen need not be left twice.
    """
    await emptied(store)
    seen: set[str] = set()
    ahead: list[tuple[frozenset[int], Snapshot]] = [(frozenset(), await snapshot(store))]
    while ahead:
        delivered, before = ahead.pop()
        for n, one in enumerate(events):
            await restore(store, before)
            await listener.handle(store, one)
            now, found = delivered | {n}, await state(store)
            if visible(found) != visible(expected([events[index] for index in sorted(now)])):
                return f"{one.id} after {sorted(delivered)}: {found}"
            mark = repr((sorted(now), sorted(found.items())))
            if mark not in seen:
                seen.add(mark)
                ahead.append((now, await snapshot(store)))
    assert len(seen) == 2 ** len(events) - 1
    return None


async def test_no_sequence_of_deliveries_of_five_events_leads_astray(store: EntityStore) -> None:
    assert await disagreement(store, five()) is None


def lock(supersedes: Callable[[Cause, object], bool]) -> Callable[[], Context[object]]:
    return lambda: mock.patch.object(Cause, "supersedes", supersedes)


@contextmanager
def no_inbox() -> Iterator[None]:
    with mock.patch.object(CommitGroup, "take"):
        yield


@contextmanager
def no_tombstone() -> Iterator[None]:
    whole = CommitGroup.change

    def change(self: CommitGroup, gathered: Sequence[Change], *rest: object) -> None:
        whole(self, [one for one in gathered if one.entity is not None], *rest)  # type: ignore[arg-type]
        gone = [one.key for one in gathered if one.entity is None]
        self.statements += [Statement("DELETE FROM entities WHERE pk = $1 AND sk = $2", key) for key in gone]

    with mock.patch.object(CommitGroup, "change", change):
        yield


MUTANTS: dict[str, Callable[[], Context[object]]] = {
    "no lock": lock(lambda cause, base: True),
    "strict milliseconds": lock(lambda cause, base: cause.event.timestamp > base.timestamp),  # type: ignore[attr-defined]
    "less or equal": lock(lambda cause, base: cause.event.timestamp >= base.timestamp),  # type: ignore[attr-defined]
    "no inbox row": no_inbox,
    "no tombstone": no_tombstone,
}


@pytest.mark.parametrize("mutant", MUTANTS)
async def test_a_listener_broken_on_purpose_is_caught(mutant: str, store: EntityStore) -> None:
    """The walk above finds each of the mistakes that are easily made here."""
    with MUTANTS[mutant]():
        assert await disagreement(store, five()) is not None

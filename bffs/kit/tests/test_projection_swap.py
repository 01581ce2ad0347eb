"""What the swap of a projection does to faults, to rows that are no more, and to what came meanwhile."""

from collections.abc import AsyncIterator, Sequence

import pytest

from bffs.kit.tests.listener_world import Thing, thing
from bffs.kit.tests.store_world import NOTE, Note, TestClock
from bffs.kit.tests.test_projection import counted, listened, rebuild, texts
from portico.bff import EntityStore, Listener, ReceivedEvent, UnitOfWork
from portico.bff.deliveries import Consumer, Position
from portico.bff.errors import HubUnavailable
from portico.bff.faults import faults
from portico.bff.projection import Rebuild, past_of
from portico.bff.rebuild_log import LEASE_MS
from portico.bff.rebuilder import Rebuilder
from portico.bff.resubmission import resubmit
from portico.bff.testing.hub import InMemoryHub
from portico.sql import Statement


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


def joining(*failing: str, unwanted: str = "") -> Listener:
    """Joins what it hears of a subject, and fails on some; what is unwanted it takes and does nothing with."""
    listener = Listener()

    @listener.on("thing.changed", id="join")
    async def join(event: ReceivedEvent, uow: UnitOfWork) -> None:
        name = event.entity(Thing).name
        if name in failing:
            raise ZeroDivisionError
        if name in unwanted:
            return
        stored = await uow.get(NOTE, event.subject)
        await uow.put(NOTE, event.subject, Note((stored.entity.text if stored else "") + name), owner="ada")

    listener.projection("joined", rules=["join"], kinds=[NOTE])
    return listener


async def resubmitted(store: EntityStore) -> list[bool]:
    return [await resubmit(joining(), store, fault.id) for fault in await faults(store)]


async def test_what_the_rebuild_took_is_no_fault_any_more(store: EntityStore) -> None:
    """Handing it in again would take it twice."""
    hub = InMemoryHub()
    for name in "abc":
        await hub.emit(thing(name))
    await listened(joining("b"), store, hub)
    assert (await texts(store), len(await faults(store))) == ({"t1": "ac"}, 1)
    await rebuild(joining(), store).run(past_of(hub))
    await resubmitted(store)
    assert (await texts(store), await faults(store)) == ({"t1": "abc"}, [])


async def test_what_fails_live_and_in_the_rebuild_is_one_fault(store: EntityStore) -> None:
    hub = InMemoryHub()
    for name in "abc":
        await hub.emit(thing(name))
    await listened(joining("b"), store, hub)
    await rebuild(joining("b"), store).run(past_of(hub))
    assert [fault.rule for fault in await faults(store)] == ["join"]
    assert await resubmitted(store) == [True]
    assert (await texts(store), await faults(store)) == ({"t1": "acb"}, [])


async def test_a_fault_that_came_meanwhile_stays_one_and_is_taken_once(store: EntityStore) -> None:
    hub, same = InMemoryHub(), InMemoryHub()
    await hub.emit(thing("a"))
    same.messages = hub.messages
    plain, late = past_of(same), ["b"]

    async def past(consumer: Consumer, after: Position) -> AsyncIterator[tuple[Position, Sequence[ReceivedEvent]]]:
        async for portion in plain(consumer, after):
            yield portion
            if late:
                await hub.emit(thing(late.pop()))
                await listened(joining("b"), store, hub)

    await rebuild(joining(), store).run(past)
    await listened(joining(), store, hub)
    assert await resubmitted(store) == [True]
    assert (await texts(store), await counted(store, "inbox")) == ({"t1": "ab"}, 2)


async def test_a_fault_of_an_event_that_nobody_has_any_more_is_not_lost(store: EntityStore) -> None:
    hub, later = InMemoryHub(), InMemoryHub()
    for name in "ab":
        await hub.emit(thing(name, f"t-{name}"))
    await listened(joining("a"), store, hub)
    later.messages = hub.messages[1:]
    await rebuild(joining(), store).run(past_of(later))
    assert await resubmitted(store) == [True]
    assert await texts(store) == {"t-a": "a", "t-b": "b"}


async def test_a_rule_that_makes_no_row_of_a_kind_any_more_leaves_none(store: EntityStore) -> None:
    hub = InMemoryHub()
    await hub.emit(thing("a"))
    await listened(joining(), store, hub)
    await rebuild(joining(unwanted="a"), store).run(past_of(hub))
    assert await texts(store) == {}


async def test_of_a_past_that_is_empty_the_live_rows_stay(store: EntityStore) -> None:
    hub = InMemoryHub()
    await hub.emit(thing("a"))
    await listened(joining(), store, hub)
    await rebuild(joining(), store).run(past_of(InMemoryHub()))
    assert (await texts(store), await counted(store, "inbox")) == ({"t1": "a"}, 1)


async def test_what_came_meanwhile_is_taken_though_the_hub_goes_away_at_the_swap(store_url: str) -> None:
    """The live listener may have noted a place behind it: then nobody else would."""
    clock, hub = TestClock(), InMemoryHub()
    store = await EntityStore.open(store_url, service="notes", clock=clock)
    await hub.emit(thing("a"))
    await listened(joining(), store, hub)
    rebuilder = Rebuilder(joining(), store, hub, None)
    begun = await rebuilder.log.begin("joined", "hub", "grace")
    assert begun is not None
    building = await rebuilder.log.claim()
    assert building is not None
    same = InMemoryHub()
    same.messages = hub.messages
    plain, late = past_of(same), ["b"]

    async def swapped() -> bool:
        now = await rebuilder.log.find(begun.id)
        return now is not None and now.state == "swapped"

    async def past(consumer: Consumer, after: Position) -> AsyncIterator[tuple[Position, Sequence[ReceivedEvent]]]:
        if await swapped():
            raise HubUnavailable("away")
        async for portion in plain(consumer, after):
            yield portion
            if late:
                await hub.emit(thing(late.pop()))
                await listened(joining(), store, hub)

    assert await texts(store) == {"t1": "a"}
    with pytest.raises(HubUnavailable):
        await rebuild_of(rebuilder, store, begun.id).run(past)
    assert await swapped()
    await store.database.write([Statement("UPDATE places SET seq = 100 WHERE consumer NOT LIKE '%~%' AND seq > 0")])
    clock.advance(seconds=LEASE_MS / 1000 + 1)
    other = Rebuilder(joining(), store, hub, None)
    again = await other.log.claim()
    assert again is not None
    await other._work_at(again)
    assert await texts(store) == {"t1": "ab"}
    done = await other.log.find(begun.id)
    assert done is not None
    assert done.state == "done"
    await store.close()


def rebuild_of(rebuilder: Rebuilder, store: EntityStore, generation: str) -> Rebuild:
    return Rebuild(
        joining(), store, generation, rules=["join"], kinds=[NOTE],
        with_swap=lambda: [rebuilder.log.swapping(generation)],
    )  # fmt: skip

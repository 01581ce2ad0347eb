"""Control: the same events in any order, however often, tell the same; what does not come is told by its timer."""

import itertools
import json
import random
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from bffs.kit.tests.control_world import KEY, MIGRATIONS, PATIENCE_MS, Half, Pair, World, half, outbox
from bffs.kit.tests.store_world import TestClock
from portico.bff import DeclarationError, EntityStore, Event, ReceivedEvent
from portico.bff.testing.events import received
from portico.sql import Statement

ROOT = Path(__file__).parents[3]


@pytest.fixture
def clock() -> TestClock:
    return TestClock(1000)


@pytest.fixture
async def world(store_url: str, clock: TestClock) -> AsyncIterator[World]:
    store = await EntityStore.open(store_url, service="pairs", migrations=MIGRATIONS, clock=clock)
    yield World(store)
    await store.close()


async def emptied(world: World) -> World:
    tables = ("entities", "inbox", "outbox", "agenda")
    await world.store.system_database("test").write([Statement(f"DELETE FROM {table}") for table in tables])
    return world


def five() -> list[ReceivedEvent]:
    return [half("left", "old", 900), half("left", "new", 1000), half("right", "r", 950), half("cover", "c", 800),
            half("right", "other", 1000, key="b")]  # fmt: skip


async def test_all_orders_of_five_events_with_three_redeliveries_tell_the_same_pair(world: World) -> None:
    events, chance = five(), random.Random(7)
    told: set[tuple[tuple[str, str], ...]] = set()
    for order in itertools.permutations(events):
        await emptied(world)
        deliveries = list(order)
        for one in chance.sample(events, 3):
            deliveries.insert(chance.randrange(deliveries.index(one) + 1, len(deliveries) + 1), one)
        for one in deliveries:
            await world.take(one)
        found = await outbox(world.store)
        told.add(tuple((id_, type_) for id_, type_, _ in found))
        assert [event.id for event in (await world.case()).events] == [events[n].id for n in (3, 0, 2, 1)]
        assert [event.type for event in (await world.case("covers")).events] == ["cover.made"]
    [same] = told
    assert sorted(type_ for _, type_ in same) == ["pair.joined", "pair.praised", "pair.praised"]


async def test_an_event_that_comes_again_after_the_inbox_has_forgotten_it_is_in_its_case_once(world: World) -> None:
    events = [half("left", "l", 900), half("right", "r", 1000)]
    for one in (*events, *events):
        await world.take(one)
        await world.store.system_database("test").write([Statement("DELETE FROM inbox")])
    assert [event.id for event in (await world.case()).events] == [one.id for one in events]
    assert [type_ for _, type_, _ in await outbox(world.store)] == ["pair.joined"]


async def test_what_is_told_names_what_led_to_it(world: World) -> None:
    left, right = half("left", "l"), half("right", "r")
    await world.take(right)
    await world.take(left)
    [row] = await world.store.database.read("SELECT envelope FROM outbox")
    event = ReceivedEvent.read(str(row[0]))
    assert set(event.triggers) == {left.id, right.id}
    assert (event.causation_id, event.type) == (left.id, "pair.joined")
    assert msgspec.json.decode(event.data) == {"left": "l", "right": "r"}


async def test_what_cannot_be_read_is_a_fault_and_harms_no_case(world: World) -> None:
    """Kept with the case, it would fail whatever looks at it later: other events, and timers, which try for ever."""
    world.control.collect("note.made", id="note", key=lambda event: event.subject, reads=Half)
    with pytest.raises(msgspec.ValidationError, match="word"):
        await world.take(received(Event("note.made", KEY, Pair("l", "r")), timestamp=900))
    await world.take(half("left", "l"))
    await world.take(half("right", "r"))
    assert [event.type for event in (await world.case()).events] == ["left.made", "right.made"]


async def test_a_timer_that_runs_out_tells_what_did_not_happen(world: World, clock: TestClock) -> None:
    await world.take(half("left", "l", 1000))
    clock.milliseconds = 1000 + PATIENCE_MS - 1
    assert await world.agenda.run_due(world.parts) == 0
    clock.milliseconds += 1
    assert await world.agenda.run_due(world.parts) == 1
    await world.take(half("right", "late"))
    clock.advance(days=1)
    assert await world.agenda.run_due(world.parts) == 0
    assert [type_ for _, type_, _ in await outbox(world.store)] == ["pair.given-up"]


async def test_a_timer_is_moved_and_taken_back_as_the_case_goes_on(world: World, clock: TestClock) -> None:
    await world.take(half("left", "l", 1000))
    await world.take(half("left", "again", 31_000))
    clock.milliseconds = 1000 + PATIENCE_MS
    assert await world.agenda.run_due(world.parts) == 0
    await world.take(half("right", "r"))
    clock.advance(days=1)
    assert await world.agenda.run_due(world.parts) == 0
    assert [type_ for _, type_, _ in await outbox(world.store)] == ["pair.joined"]


async def test_state_and_timers_outlive_the_process(store_url: str, clock: TestClock) -> None:
    first = await EntityStore.open(store_url, service="pairs", migrations=MIGRATIONS, clock=clock)
    await World(first).take(half("left", "l", 1000))
    await first.close()
    clock.advance(seconds=PATIENCE_MS / 1000)
    second = await EntityStore.open(store_url, service="pairs", migrations=MIGRATIONS, clock=clock)
    world = World(second)
    assert await world.agenda.run_due(world.parts) == 1
    assert [(type_, data) for _, type_, data in await outbox(second)] == [("pair.given-up", {"word": "l"})]
    assert (await world.case()).entity("left.made", Half) == Half("l")
    await second.close()


async def test_a_finished_case_ends_after_its_days(world: World, clock: TestClock) -> None:
    await world.take(half("left", "l"))
    await world.take(half("right", "r"))
    clock.advance(days=89)
    assert len((await world.case()).events) == 2
    clock.advance(days=1)
    assert (await world.case()).events == ()


async def test_killed_at_any_write_it_tells_the_same_once() -> None:
    """A process handles two halves, a cover and another's timer, and is killed before or after each of its writes."""
    process = await create_subprocess_exec(
        sys.executable, "-m", "bffs.kit.tests.control_process", cwd=ROOT, stdout=PIPE, stderr=PIPE
    )
    said, complaint = await process.communicate()
    assert process.returncode == 0, complaint.decode()
    whole, *runs = [json.loads(line) for line in said.splitlines()]
    assert sorted(type_ for _, type_, _ in whole["told"]) == [
        "pair.given-up", "pair.joined", "pair.praised", "pair.praised"
    ]  # fmt: skip
    assert len(runs) == 2 * whole["writes"] >= 10
    assert all(run["killed"] for run in runs)
    assert [run["told"] for run in runs] == [whole["told"]] * len(runs)


def test_ids_of_rules_and_timers_are_taken_once(world: World) -> None:
    with pytest.raises(DeclarationError, match="two rules 'join'"):
        world.control.rule("join", when=lambda _: True)
    with pytest.raises(DeclarationError, match="two timers 'patience'"):
        world.control.expire("patience", lambda _: None)
    assert KEY

"""Rules that take several events at a time: what shares a transaction, what is seen, what becomes of one that fails."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import msgspec
import pytest

from bffs.kit.tests.listener_world import Slept, Thing, thing
from bffs.kit.tests.store_world import NOTE, Note
from portico.bff import Listener, ReceivedEvent, UnitOfWork
from portico.bff.errors import DeclarationError
from portico.bff.faults import faults
from portico.bff.intake import Intake
from portico.bff.metrics import Meters
from portico.bff.pace import Pace
from portico.bff.rule import Rule
from portico.bff.store import EntityStore
from portico.bff.taking import take
from portico.bff.testing.events import received
from portico.bff.testing.hub import InMemoryHub
from portico.bff.worker import Worker


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


async def taken(store: EntityStore) -> int:
    rows = await store.database.read("SELECT count(*) FROM inbox")
    return msgspec.convert(rows[0][0], int)


async def worked(store: EntityStore, rule: Rule, events: Sequence[ReceivedEvent]) -> Slept:
    slept = Slept()

    async def pause(failures: int) -> None:
        await slept(failures)

    await Worker(rule, store, Meters("notes").of(rule), pause=pause).take(events)
    return slept


async def add_up(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Reads what the events before it wrote, also in the same transaction."""
    if event.entity(Thing).name == "bad":
        raise ZeroDivisionError
    stored = await uow.get(NOTE, event.subject)
    text = (stored.entity.text if stored else "") + event.entity(Thing).name
    await uow.put(NOTE, event.subject, Note(text), owner="ada")


def events(*names: str, subject: str = "t1") -> list[ReceivedEvent]:
    return [received(thing(name, subject), timestamp=n) for n, name in enumerate(names, start=1)]


async def text_of(store: EntityStore, subject: str = "t1") -> str:
    async with store.system_unit_of_work("test") as uow:
        stored = await uow.get(NOTE, subject)
    return stored.entity.text if stored else ""


async def test_a_batch_is_one_transaction_and_each_event_sees_those_before(store: EntityStore) -> None:
    rule = Rule("r", "thing.*", add_up, batch=4)
    await worked(store, rule, events(*"abcdefghij"))
    assert await text_of(store) == "abcdefghij"
    assert await taken(store) == 10
    assert (await store.system_database("test").read("SELECT version FROM entities")) == [(3,)]


async def test_of_a_batch_that_fails_only_the_event_that_fails_is_a_fault(store: EntityStore) -> None:
    rule = Rule("r", "thing.*", add_up, batch=16)
    given = events("a", "b", "c", "bad", "d", "e", "f", "bad", "g")
    slept = await worked(store, rule, given)
    assert await text_of(store) == "abcdefg"
    assert [fault.event_id for fault in await faults(store)] == [given[3].id, given[7].id]
    assert await taken(store) == 9
    assert slept.pauses == [1, 2, 3, 4] * 2  # only single events are tried again


async def test_what_of_a_batch_was_taken_before_is_not_taken_again(store: EntityStore) -> None:
    rule = Rule("r", "thing.*", add_up, batch=16)
    given = events(*"abcdef")
    assert await take(rule, store, given[1:4]) == 3
    assert await take(rule, store, given) == 3
    assert await text_of(store) == "bcdaef"
    assert await take(rule, store, given) == 0


async def test_two_that_take_the_same_batch_at_once_take_each_event_once(store: EntityStore) -> None:
    rule = Rule("r", "thing.*", add_up, batch=16)
    given = events(*"abcdef")
    await asyncio.gather(*(worked(store, rule, part) for part in (given, given[2:], given[:3])))
    assert sorted(await text_of(store)) == list("abcdef")
    assert await taken(store) == 6


async def test_what_another_took_meanwhile_is_no_fault_though_it_is_in_the_way(store: EntityStore) -> None:
    async def write(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await uow.put(NOTE, event.subject, Note(event.entity(Thing).name), owner="ada")

    async def overtaken(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await take(Rule("r", "thing.*", write), store, [event])
        await uow.put(NOTE, event.subject, Note("late"), owner="ada")

    await worked(store, Rule("r", "thing.*", overtaken), events("a"))
    assert (await text_of(store), await faults(store), await taken(store)) == ("a", [], 1)


async def test_a_filter_decides_and_leaves_no_trace_of_the_others(store: EntityStore) -> None:
    rule = Rule("r", "thing.*", add_up, filter=lambda event: event.entity(Thing).name in "ace", batch=16)
    await worked(store, rule, events(*"abcdef"))
    assert (await text_of(store), await taken(store)) == ("ace", 3)


async def test_a_filter_that_raises_makes_a_fault_of_its_event_alone(store: EntityStore) -> None:
    rule = Rule("r", "thing.*", add_up, filter=lambda event: 1 // (event.entity(Thing).name != "c") > 0, batch=16)
    await worked(store, rule, events(*"abcdef"))
    assert (await text_of(store), len(await faults(store))) == ("abdef", 1)


async def test_groups_have_a_transaction_each_and_share_none(store: EntityStore) -> None:
    rule = Rule("r", "thing.*", add_up, batch=10, group=lambda event: event.subject)
    given = [received(thing(str(n), f"t{n % 3}"), timestamp=n) for n in range(9)]
    assert [[event.subject for event in portion] for portion in rule.portions(given)] == [
        ["t0"] * 3, ["t1"] * 3, ["t2"] * 3
    ]  # fmt: skip
    await worked(store, rule, given)
    assert [await text_of(store, f"t{n}") for n in range(3)] == ["036", "147", "258"]


async def test_a_compacting_rule_sees_the_newest_of_each_subject_and_remembers_them_all(store: EntityStore) -> None:
    rule = Rule("r", "thing.*", add_up, batch=16, compact=True)
    first, second, third = events("a", "b", "c")
    other = received(thing("x", "t2"))
    await worked(store, rule, [first, third, other, second])
    assert [await text_of(store, subject) for subject in ("t1", "t2")] == ["c", "x"]
    assert await taken(store) == 4


@pytest.mark.parametrize(
    "wrong", [{"batch": 0}, {"batch": 1001}, {"compact": True}, {"group": str}, {"rate": 0.0}, {"rate": -1.0}]
)
def test_what_no_rule_can_mean_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DeclarationError, match="rule 'r'"):
        Listener().on("thing.*", id="r", **wrong)  # type: ignore[arg-type]


async def test_a_rate_lets_a_seconds_worth_go_at_once_and_then_makes_the_others_wait() -> None:
    now, slept = [100.0], Slept()

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        await slept(seconds)

    pace = Pace(10.0, sleep, lambda: now[0])
    for _ in range(4):
        await pace.wait(5)
    assert slept.pauses == [0.5, 0.5]
    now[0] += 60
    await pace.wait(10)
    assert len(slept.pauses) == 2


async def test_single_and_batched_rules_hear_the_same_events_from_the_hub(store: EntityStore) -> None:
    hub, listener, meters = InMemoryHub(), Listener(), Meters("notes")
    seen: list[str] = []
    listener.on("thing.*", id="many", batch=100)(add_up)

    @listener.on("thing.changed", id="one")
    async def one(event: ReceivedEvent, uow: UnitOfWork) -> None:
        seen.append(event.entity(Thing).name)

    for name in "abcdef":
        await hub.emit(thing(name))
    reading = Intake(listener, store, hub, meters=meters, sleep=Slept())
    reading.start()
    await hub.settled()
    await reading.stop()
    assert (await text_of(store), "".join(seen)) == ("abcdef", "abcdef")
    text = meters.text().decode()
    assert 'portico_events_taken_total{rule="many",service="notes"} 6.0' in text
    assert 'portico_event_batch_size_count{rule="many",service="notes"} 1.0' in text
    assert 'portico_event_batch_size_count{rule="one",service="notes"} 6.0' in text

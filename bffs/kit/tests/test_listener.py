"""The listener: what others tell is taken once, with all its effects or none, and what fails becomes a fault."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bffs.kit.tests.store_world import ADA, NOTE, PLAN, Note, Plan
from portico.bff import Listener, ReceivedEvent, UnitOfWork, create_bff
from portico.bff.cause import Cause
from portico.bff.engine import SqliteEngine
from portico.bff.errors import DeclarationError, EnvelopeRefused, HubUnavailable
from portico.bff.events import Event
from portico.bff.faults import faults
from portico.bff.feeds import Notice
from portico.bff.hub import Message
from portico.bff.intake import TRIES, Intake, consumers
from portico.bff.patterns import covering, matches
from portico.bff.store import EntityStore
from portico.bff.testing.events import received, told_by
from portico.bff.testing.hub import InMemoryHub
from portico.bff.trigger import Trigger
from portico.sql import Row, StoreUnavailable


class Thing(msgspec.Struct, frozen=True):
    id: str
    owner: str
    name: str = ""


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


def thing(name: str = "one", id_: str = "t1", **more: Any) -> Event:
    return Event("thing.changed", id_, Thing(id_, "ada", name), **more)


def remembering() -> Listener:
    """A listener that keeps things as notes, tells their owners, and emits what it did."""
    listener = Listener()

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        thing = event.entity(Thing)
        note = Note(thing.name)
        await uow.fold(NOTE, thing.id, note, owner=thing.owner)
        uow.emit(Event("note.remembered", thing.id, note))
        uow.tell(person=thing.owner, type="notes.note-remembered", data={"id": thing.id})
        uow.notify(thing.owner, Notice("Remembered"))

    return listener


def failing(error: Callable[[], Exception], times: int) -> tuple[Listener, list[str]]:
    """A listener whose rule fails so many times, and what it was called with."""
    listener, calls = Listener(), list[str]()

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        calls.append(event.entity(Thing).name)
        await uow.put(NOTE, event.id, Note(event.entity(Thing).name), owner="ada")
        if len(calls) <= times:
            raise error()

    return listener, calls


async def texts(store: EntityStore) -> list[str]:
    async with store.system_unit_of_work("test") as uow:
        return sorted(stored.entity.text for stored in (await uow.query(NOTE)).items)


async def count(store: EntityStore, table: str) -> int:
    rows: list[Row] = await store.system_database("test").read(f"SELECT count(*) FROM {table}")
    return msgspec.convert(rows[0][0], int)


async def test_a_rule_folds_an_event_into_a_row_that_is_its_owners(store: EntityStore) -> None:
    event = received(thing("hello"))
    assert await remembering().handle(store, event) == 1
    async with store.unit_of_work(ADA) as uow:
        stored = await uow.get(NOTE, "t1")
    assert stored is not None
    assert (stored.entity, stored.owner, stored.version) == (Note("hello"), "ada", 1)
    assert (stored.timestamp, stored.stamp) == (event.timestamp, event.stamp)
    assert stored.last_modified_by == "system:rule t1"
    assert await store.system_database("test").read("SELECT latched FROM entities") == [(1,)]


async def test_a_redelivered_event_does_nothing(store: EntityStore) -> None:
    listener, event = remembering(), received(thing())
    assert [await listener.handle(store, event) for _ in range(3)] == [1, 0, 0]
    assert (await count(store, "outbox"), await count(store, "audit"), await count(store, "inbox")) == (3, 1, 1)


async def test_of_two_deliveries_at_once_one_takes_effect(store: EntityStore) -> None:
    listener, event = remembering(), received(thing())
    assert sorted(await asyncio.gather(*(listener.handle(store, event) for _ in range(4)))) == [0, 0, 0, 1]
    assert (await count(store, "outbox"), await count(store, "entities")) == (3, 1)


async def test_a_rule_that_writes_nothing_is_remembered_as_well(store: EntityStore) -> None:
    listener, seen = Listener(), []

    @listener.on("thing.*", id="t1")
    async def see(event: ReceivedEvent, uow: UnitOfWork) -> None:
        seen.append(event.subject)

    event = received(thing())
    assert [await listener.handle(store, event) for _ in range(2)] == [1, 0]
    assert seen == ["t1"]


async def test_what_is_emitted_carries_its_cause_and_derives_its_ids(store: EntityStore, tmp_path: Path) -> None:
    other = await EntityStore.open(f"sqlite:///{tmp_path}/other.db", service="notes")
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    body = msgspec.json.decode(told_by("elsewhere", thing(correlation_id="c1")).body)
    event = ReceivedEvent.read(msgspec.json.encode(body | {"traceparent": trace}).decode())
    ids = []
    for each in (store, other):
        await remembering().handle(each, event)
        rows = await each.database.read("SELECT id, envelope FROM outbox ORDER BY seq")
        ids.append([row[0] for row in rows])
        emitted = ReceivedEvent.read(str(rows[0][1]))
        assert (emitted.causation_id, emitted.correlation_id, emitted.traceparent) == (event.id, "c1", trace)
        assert emitted.timestamp > event.timestamp
        assert emitted.actor == "system:rule t1"
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3
    assert len({str(id_)[:13] for id_ in ids[0]}) == 1
    await other.close()


async def test_an_event_without_a_correlation_begins_one(store: EntityStore) -> None:
    body = msgspec.json.decode(told_by("elsewhere", thing()).body)
    del body["correlationid"]
    event = ReceivedEvent.read(msgspec.json.encode(body).decode())
    await remembering().handle(store, event)
    ((envelope,),) = await store.database.read("SELECT envelope FROM outbox WHERE target IS NULL")
    assert ReceivedEvent.read(str(envelope)).correlation_id == event.id


async def test_an_effect_never_precedes_its_cause_though_this_clock_is_behind(store: EntityStore) -> None:
    event = received(thing(), timestamp=store.now() + 3_600_000)
    await remembering().handle(store, event)
    ((envelope,),) = await store.database.read("SELECT envelope FROM outbox WHERE target IS NULL")
    assert ReceivedEvent.read(str(envelope)).timestamp == event.timestamp + 1


async def test_two_rules_take_an_event_each_on_its_own(store: EntityStore) -> None:
    listener = Listener()

    @listener.on("thing.*", id="a")
    async def first(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await uow.put(NOTE, "a", Note("a"), owner="ada")

    @listener.on("thing.changed", id="b")
    async def second(event: ReceivedEvent, uow: UnitOfWork) -> None:
        raise ZeroDivisionError

    event = received(thing())
    with pytest.raises(ZeroDivisionError):
        await listener.handle(store, event)
    assert await store.database.read("SELECT event_id, rule FROM inbox") == [(event.id, "a")]
    assert await texts(store) == ["a"]


async def test_a_service_does_not_hear_itself_unless_it_asks(store: EntityStore) -> None:
    listener = Listener()

    @listener.on("thing.changed", id="others")
    async def others(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    @listener.on("thing.changed", id="all", own=True)
    async def everything(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    await listener.handle(store, received(thing(), service="notes"))
    assert await store.database.read("SELECT rule FROM inbox") == [("all",)]


async def test_a_rule_believes_only_whom_it_names(store: EntityStore) -> None:
    listener = Listener()
    heard: list[str] = []

    @listener.on("thing.*", id="b1", by=["bank", "till"])
    async def b1(event: ReceivedEvent, uow: UnitOfWork) -> None:
        heard.append(event.service)

    for service in ("bank", "forger", "till", "bank2"):
        await listener.handle(store, received(thing(), service=service))
    assert heard == ["bank", "till"]
    with pytest.raises(DeclarationError, match="list of services"):
        listener.on("thing.changed", id="b2", by="bank")


async def test_nothing_but_a_rule_folds(store: EntityStore) -> None:
    async with store.system_unit_of_work("test") as uow:
        with pytest.raises(DeclarationError):
            await uow.fold(NOTE, "t1", Note(""), owner="ada")


async def test_whose_a_folded_row_is_must_be_said_each_time(store: EntityStore) -> None:
    listener = Listener()

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await uow.fold(PLAN, "p", Plan(""), tenant="north" if event.entity(Thing).name == "first" else None)

    await listener.handle(store, received(thing("first")))
    with pytest.raises(ValueError, match="whose"):
        await listener.handle(store, received(thing("second")))


async def test_a_rule_reads_what_it_folded_and_is_told_whether_it_was_newer(store: EntityStore) -> None:
    listener, seen = Listener(), []

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        newer = await uow.fold(NOTE, "t1", Note(event.entity(Thing).name), owner="ada")
        stored = await uow.get(NOTE, "t1")
        assert stored is not None
        seen.append((newer, stored.entity.text, stored.stamp == event.stamp))

    late, early = received(thing("late"), timestamp=2000), received(thing("early"), timestamp=1000)
    await listener.handle(store, late)
    await listener.handle(store, early)
    assert seen == [(True, "late", True), (False, "late", False)]


@pytest.mark.parametrize("pattern", ["thing", "Thing.changed", "", "thing.", "thing.>", "thing.ch*", "a b.c"])
def test_a_pattern_that_could_match_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(DeclarationError):
        Listener().on(pattern, id="t1")


def test_ids_of_rules_are_names_and_used_once() -> None:
    listener = remembering()
    for id_ in ("t1", "", "T 1", "a.b"):
        with pytest.raises(DeclarationError):
            listener.on("thing.changed", id=id_)


def test_a_star_is_one_whole_part() -> None:
    assert matches("thing.*", "thing.changed")
    assert not matches("thing.*", "thing.changed.twice")
    assert not matches("thing.*", "things.changed")
    assert matches("*.changed", "thing.changed")


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["a.b", "a.c"], ("a.b", "a.c")),
        (["a.b", "a.*", "a.b"], ("a.*",)),
        (["a.*", "*.b"], ("*.*",)),
        (["a.b", "a.b.c"], ("a.b", "a.b.c")),
        (["a.*.c", "a.b.*", "x.y"], ("a.*.*", "x.y")),
        (["a.*", "*.b", "c.d", "c.d.e"], ("*.*", "c.d.e")),
    ],
)
def test_filters_never_overlap_for_the_hub_refuses_that(patterns: list[str], expected: tuple[str, ...]) -> None:
    assert covering(patterns) == expected


def test_other_rules_have_other_consumers() -> None:
    one, two = remembering(), remembering()

    @two.on("thing.*", id="t2")
    async def more(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    names = [{consumer.name for consumer in consumers(listener, "notes", 1)} for listener in (one, remembering(), two)]
    assert names[0] == names[1]
    assert names[0].isdisjoint(names[2])
    assert len(names[0]) == 8
    assert consumers(two, "notes", 1)[3].subjects == ("evt.*.*.thing.*.3",)


DEEP = '{"data":' + "[" * 20_000 + "]" * 20_000 + "}"
"""Nested without end: a parser that gives up on it must not give up on the events after it."""


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        '{"specversion":"2.0"}',
        told_by("x", thing(), timestamp=0).body.replace("1970", "x"),
        told_by("x", thing(), timestamp=0).body.replace(".000Z", ""),
        told_by("x", thing()).body.replace('"t1"', '""'),
        DEEP,
    ],
)
def test_what_is_no_event_is_refused(body: str) -> None:
    with pytest.raises(EnvelopeRefused):
        ReceivedEvent.read(body)


def test_an_event_is_read_with_fields_that_nobody_knows_yet() -> None:
    body = msgspec.json.decode(told_by("elsewhere", thing("x"), timestamp=1234, actor="ada").body)
    event = ReceivedEvent.read(msgspec.json.encode(body | {"tags": [1], "data": body["data"] | {"new": 1}}).decode())
    assert (event.type, event.subject, event.timestamp, event.partition_key) == ("thing.changed", "t1", 1234, "t1")
    assert (event.source, event.service, event.actor) == ("/local/elsewhere", "elsewhere", "ada")
    assert event.entity(Thing) == Thing("t1", "ada", "x")


class Slept:
    """Counts the pauses instead of making them."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)


def intake(listener: Listener, store: EntityStore, hub: InMemoryHub, slept: Slept | None = None) -> Intake:
    return Intake(listener, store, hub, jitter=lambda: 1.0, sleep=slept or Slept())


async def test_events_flow_from_the_hub_into_the_store_and_on(store: EntityStore, hub: InMemoryHub) -> None:
    reading = intake(remembering(), store, hub)
    reading.start()
    reading.start()
    for n in range(20):
        await hub.emit(thing(f"{n:02d}", f"t{n}"))
    await hub.settled()
    assert await texts(store) == [f"{n:02d}" for n in range(20)]
    await Trigger(store, hub).publish_waiting()
    assert len(await hub.published("note.remembered", 20)) == 20
    await reading.stop()
    await reading.stop()


async def test_what_was_told_while_it_was_away_is_taken_when_it_is_back(store: EntityStore, hub: InMemoryHub) -> None:
    reading = intake(remembering(), store, hub)
    await hub.emit(thing("before", "t0"))
    reading.start()
    await hub.settled()
    await reading.stop()
    await hub.emit(thing("while", "t1"))
    assert await texts(store) == ["before"]
    reading.start()
    await hub.settled()
    assert await texts(store) == ["before", "while"]
    await reading.stop()


async def test_the_events_of_one_key_are_taken_in_order(store: EntityStore, hub: InMemoryHub) -> None:
    listener, calls = failing(ZeroDivisionError, times=3)
    reading = intake(listener, store, hub)
    reading.start()
    for n in range(10):
        await hub.emit(thing(str(n)))
    await hub.settled()
    assert calls == ["0"] * 4 + [str(n) for n in range(1, 10)]
    assert await faults(store) == []
    await reading.stop()


async def test_an_event_that_keeps_failing_becomes_a_fault_and_the_others_go_on(
    store: EntityStore, hub: InMemoryHub, caplog: pytest.LogCaptureFixture
) -> None:
    listener, calls = failing(lambda: ZeroDivisionError("by zero"), times=TRIES)
    slept = Slept()
    reading = intake(listener, store, hub, slept)
    reading.start()
    bad = await hub.emit(thing("bad"))
    await hub.emit(thing("good"))
    await hub.settled()
    await reading.stop()
    assert calls == ["bad"] * TRIES + ["good"]
    assert slept.pauses == [0.1, 0.2, 0.4, 0.8]
    assert await texts(store) == ["good"]
    (fault,) = await faults(store)
    assert (fault.rule, fault.event_id, fault.event_type, fault.partition_key) == ("t1", bad.id, "thing.changed", "t1")
    assert (fault.error, fault.message, fault.envelope) == ("ZeroDivisionError", "by zero", bad.envelope)
    assert [record.levelname for record in caplog.records if fault.id in record.getMessage()] == ["ERROR"]
    assert await listener.handle(store, bad) == 0  # its inbox row came with the fault


async def test_a_rule_that_waits_for_what_another_cancels_does_not_end_the_listener(
    store: EntityStore, hub: InMemoryHub
) -> None:
    listener = Listener()

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        if event.entity(Thing).name == "bad":
            answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            answer.cancel()
            await answer
        await uow.put(NOTE, "n", Note(event.entity(Thing).name), owner="ada")

    reading = intake(listener, store, hub)
    reading.start()
    await hub.emit(thing("bad"))
    await hub.emit(thing("good"))
    await hub.settled()
    await reading.stop()
    assert await texts(store) == ["good"]
    assert [fault.error for fault in await faults(store)] == ["CancelledError"]


async def test_the_same_event_makes_the_same_fault_in_every_store(tmp_path: Path) -> None:
    event, ids = told_by("elsewhere", thing()), []
    for name in ("one", "two"):
        store = await EntityStore.open(f"sqlite:///{tmp_path}/{name}.db", service="notes")
        hub, (listener, _) = InMemoryHub(), failing(ZeroDivisionError, times=TRIES)
        reading = intake(listener, store, hub)
        reading.start()
        await hub.publish(event)
        await hub.settled()
        await reading.stop()
        ids += [fault.id for fault in await faults(store)]
        await store.close()
    assert len(ids) == 2
    assert ids[0] == ids[1]


async def test_a_fault_of_one_rule_does_not_keep_the_event_from_another(store: EntityStore, hub: InMemoryHub) -> None:
    listener, _ = failing(ZeroDivisionError, times=TRIES)

    @listener.on("thing.*", id="t2")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await uow.put(NOTE, "n", Note("kept"), owner="ada")

    reading = intake(listener, store, hub)
    reading.start()
    await hub.emit(thing())
    await hub.settled()
    await reading.stop()
    assert [fault.rule for fault in await faults(store)] == ["t1"]
    assert await texts(store) == ["kept"]


@pytest.mark.parametrize("body", ["no json", '{"specversion":"1.0"}', DEEP])
async def test_what_is_no_event_is_a_fault_too(body: str, store: EntityStore, hub: InMemoryHub) -> None:
    reading = intake(remembering(), store, hub)
    reading.start()
    subject = told_by("elsewhere", thing()).subject
    await hub.publish(Message(subject, "m1", body))
    await hub.emit(thing("good"))
    await hub.settled()
    await reading.stop()
    (fault,) = await faults(store)
    assert (fault.rule, fault.event_id, fault.envelope, fault.error) == ("", "m1", body, "EnvelopeRefused")
    assert await texts(store) == ["good"]


@pytest.mark.parametrize(
    "source",
    ["/local/bank", "/x/elsewhere", "elsewhere", "/LOCAL/elsewhere", "/local/else.where", ""],
)
async def test_nobody_speaks_for_another_service(source: str, store: EntityStore, hub: InMemoryHub) -> None:
    """The hub lets a service publish on its own subjects alone; the envelope must not say more than the subject."""
    true = told_by("elsewhere", thing("forged"))
    reading = intake(remembering(), store, hub)
    reading.start()
    await hub.publish(Message(true.subject, "m1", true.body.replace('"source":"/', f'"source":"{source}","was":"/')))
    await hub.emit(thing("true"))
    await hub.settled()
    await reading.stop()
    (fault,) = await faults(store)
    assert (fault.event_id, fault.error) == ("m1", "EnvelopeRefused")
    assert await texts(store) == ["true"]


class FailingDatabase:
    """A database that is away for the first writes."""

    def __init__(self, store: EntityStore, times: int) -> None:
        self._database = store.system_database("test")
        self.times = times

    async def read(self, *arguments: Any) -> Any:
        return await self._database.read(*arguments)

    async def write(self, *arguments: Any) -> Any:
        if self.times > 0:
            self.times -= 1
            raise StoreUnavailable("busy")
        return await self._database.write(*arguments)

    async def close(self) -> None:
        await self._database.close()


async def test_a_store_that_is_away_is_no_fault_but_blocks_until_it_is_back(
    store: EntityStore, hub: InMemoryHub
) -> None:
    away = EntityStore(FailingDatabase(store, times=20), service="notes", engine=SqliteEngine())
    listener, calls = failing(ZeroDivisionError, times=0)
    slept = Slept()
    reading = intake(listener, away, hub, slept)
    reading.start()
    for name in ("first", "second"):
        await hub.emit(thing(name))
    await hub.settled()
    await reading.stop()
    assert calls == ["first"] * 21 + ["second"]
    assert await faults(store) == []
    assert slept.pauses[:3] == [0.1, 0.2, 0.4]
    assert max(slept.pauses) == 5.0


async def test_a_hub_that_is_away_is_asked_again(store: EntityStore, hub: InMemoryHub) -> None:
    hub.available = False
    slept = Slept()
    reading = intake(remembering(), store, hub, slept)
    reading.start()
    await asyncio.sleep(0)
    with pytest.raises(HubUnavailable):
        await hub.emit(thing())
    hub.available = True
    await hub.emit(thing("there"))
    await hub.settled()
    assert await texts(store) == ["there"]
    assert slept.pauses
    await reading.stop()


async def test_two_processes_share_the_work_and_take_each_event_once(tmp_path: Path, hub: InMemoryHub) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    stores = [await EntityStore.open(url, service="notes") for _ in range(2)]
    readings = [intake(remembering(), store, hub) for store in stores]
    for reading in readings:
        reading.start()
    for n in range(60):
        await hub.emit(thing(f"{n:02d}", f"t{n % 7}"))
    await hub.settled()
    assert await texts(stores[0]) == [f"{n:02d}" for n in range(53, 60)]
    assert (await count(stores[0], "inbox"), await count(stores[0], "outbox")) == (60, 180)
    for reading, store in zip(readings, stores, strict=True):
        await reading.stop()
        await store.close()


async def test_it_stops_in_the_middle_of_a_rule_and_gives_the_event_back(store: EntityStore, hub: InMemoryHub) -> None:
    listener, entered, never = Listener(), asyncio.Event(), asyncio.Event()

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await uow.put(NOTE, "n", Note("half"), owner="ada")
        entered.set()
        await never.wait()

    reading = intake(listener, store, hub)
    reading.start()
    await hub.emit(thing("whole"))
    await entered.wait()
    await reading.stop()
    assert (await texts(store), await count(store, "inbox")) == ([], 0)
    never.set()
    reading.start()
    await hub.settled()
    assert await texts(store) == ["half"]
    await reading.stop()


async def test_a_bff_listens_while_it_runs(
    bff_settings: dict[str, str], bff_client: Any, token_issuer: Any, bff_hub: InMemoryHub
) -> None:
    listener = remembering()
    app = create_bff(bff_settings, listener=listener, hub=bff_hub, keys=token_issuer.keys())
    async with bff_client(app):
        event = await bff_hub.emit(thing("hello"))
        await bff_hub.settled()
        (emitted,) = await bff_hub.published("note.remembered")
        assert (emitted.causation_id, emitted.source) == (event.id, "/local/test")


def test_a_bff_without_a_store_cannot_listen(bff_settings: dict[str, str]) -> None:
    with pytest.raises(DeclarationError):
        create_bff(bff_settings, store=False, listener=Listener())


async def test_a_cause_names_its_rule_in_the_audit(store: EntityStore) -> None:
    async with store.caused_unit_of_work(Cause(received(thing()), "t9")) as uow:
        await uow.fold(NOTE, "n", Note(""), owner="ada")
        await uow.commit()
    assert await store.database.read("SELECT actor, action FROM audit") == [("system:rule t9", "put")]

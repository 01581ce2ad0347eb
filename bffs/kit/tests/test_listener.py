"""The rules of a listener: what others tell is taken once, with all its effects or none."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from bffs.kit.tests.listener_world import Thing, count, remembering, texts, thing
from bffs.kit.tests.store_world import ADA, NOTE, PLAN, Note, Plan
from portico.bff import Listener, ReceivedEvent, UnitOfWork
from portico.bff.cause import Cause
from portico.bff.errors import DeclarationError
from portico.bff.store import EntityStore
from portico.bff.testing.events import received, told_by


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


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


async def test_a_cause_names_its_rule_in_the_audit(store: EntityStore) -> None:
    async with store.caused_unit_of_work(Cause(received(thing()), "t9")) as uow:
        await uow.fold(NOTE, "n", Note(""), owner="ada")
        await uow.commit()
    assert await store.database.read("SELECT actor, action FROM audit") == [("system:rule t9", "put")]

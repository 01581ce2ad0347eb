"""The listener at work: from the hub into the store in order, and what fails becomes a fault."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from bffs.kit.tests.listener_world import DEEP, Slept, Thing, count, failing, intake, remembering, texts, thing
from bffs.kit.tests.store_world import NOTE, Note
from portico.bff import Listener, ReceivedEvent, UnitOfWork, create_bff
from portico.bff.errors import DeclarationError, HubUnavailable
from portico.bff.faults import faults
from portico.bff.hub import Message
from portico.bff.store import EntityStore
from portico.bff.testing.events import told_by
from portico.bff.testing.hub import InMemoryHub
from portico.bff.trigger import Trigger
from portico.bff.worker import TRIES
from portico.sql import Database, Statement, StoreUnavailable


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


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


class FailingDatabase(Database):
    """A database that is away for the first commits of a rule."""

    def __init__(self, store: EntityStore, times: int) -> None:
        self._database = store.system_database("test")
        self.times = times

    async def read(self, *arguments: Any) -> Any:
        return await self._database.read(*arguments)

    async def write(self, statements: Sequence[Statement]) -> Any:
        if self.times > 0 and "inbox" in statements[0].sql:
            self.times -= 1
            raise StoreUnavailable("busy")
        return await self._database.write(statements)

    async def close(self) -> None:
        await self._database.close()


async def test_a_store_that_is_away_is_no_fault_but_blocks_until_it_is_back(
    store: EntityStore, hub: InMemoryHub
) -> None:
    engine = copy(store.engine)
    engine.seen_by = lambda database, access: database  # type: ignore[method-assign]
    away = EntityStore(FailingDatabase(store, times=20), service="notes", engine=engine)
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

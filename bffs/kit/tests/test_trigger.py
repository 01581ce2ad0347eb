"""The trigger: everything committed is published, in order per key, whatever the hub does meanwhile."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bffs.kit.tests.store_world import ADA, NOTE, Note, eventually
from portico.bff.errors import HubUnavailable
from portico.bff.events import Event, hub_subject
from portico.bff.hub import Message
from portico.bff.ids import new_id
from portico.bff.serving import running_store
from portico.bff.store import EntityStore
from portico.bff.testing.hub import InMemoryHub
from portico.bff.trigger import Trigger


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


async def emit(store: EntityStore, *keys: str) -> None:
    """One commit per key; the text numbers the events of each key."""
    for key in keys:
        async with store.unit_of_work(ADA) as uow:
            stored = await uow.get(NOTE, key)
            note = Note(str(int(stored.entity.text) + 1 if stored else 0))
            await uow.put(NOTE, key, note)
            uow.emit(Event("note.written", key, note))
            await uow.commit()


async def waiting(store: EntityStore) -> int:
    rows = await store.database.read("SELECT count(*) FROM outbox WHERE published_at IS NULL")
    return msgspec.convert(rows[0][0], int)


async def emptied(store: EntityStore) -> None:
    """Return when nothing waits in the outbox."""
    async with asyncio.timeout(15):
        while await waiting(store):  # noqa: ASYNC110 (the writing thread has no event of ours)
            await asyncio.sleep(0.01)


def by_key(messages: Sequence[Message]) -> dict[str, list[int]]:
    """The numbers that arrived, per key, in the order of their first arrival."""
    found: dict[str, dict[int, None]] = {}
    for message in messages:
        envelope = msgspec.json.decode(message.body)
        found.setdefault(envelope["subject"], {})[int(envelope["data"]["text"])] = None
    return {key: list(numbers) for key, numbers in found.items()}


class BrokenHub(InMemoryHub):
    """Fails as told: before it stored a message (`refuse`), or after, so that the confirmation is lost (`lose`)."""

    def __init__(self, plan: Sequence[str] = ()) -> None:
        super().__init__()
        self.plan = list(plan)
        self.refused: set[str] = set()

    async def publish(self, message: Message) -> None:
        await asyncio.sleep(0)
        step = self.plan.pop(0) if self.plan else "store"
        key = msgspec.json.decode(message.body)["subject"]
        if step == "refuse" or key in self.refused:
            raise HubUnavailable("refused")
        await super().publish(message)
        if step == "lose":
            raise HubUnavailable("confirmation lost")


async def test_events_are_published_in_order_with_their_ids_and_marked(store: EntityStore, hub: InMemoryHub) -> None:
    await emit(store, "a", "b", "a", "a")
    assert await Trigger(store, hub).publish_waiting() == 4
    rows = await store.database.read("SELECT id, envelope, type, partition_key FROM outbox ORDER BY seq")
    assert sorted((message.id, message.body) for message in hub.messages) == sorted((row[0], row[1]) for row in rows)
    assert by_key(hub.messages) == {"a": [0, 1, 2], "b": [0]}
    assert {message.subject for message in hub.messages} == {
        hub_subject(store.origin, "note.written", key) for key in ("a", "b")
    }
    assert await waiting(store) == 0
    assert await Trigger(store, hub).publish_waiting() == 0


async def test_published_rows_are_kept(store: EntityStore, hub: InMemoryHub) -> None:
    await emit(store, "a", "a")
    await Trigger(store, hub).publish_waiting()
    assert await store.database.read("SELECT count(*) FROM outbox WHERE published_at > 0") == [(2,)]


async def test_more_than_a_page_is_published(store: EntityStore, hub: InMemoryHub) -> None:
    async with store.unit_of_work(ADA) as uow:
        for n in range(600):
            uow.emit(Event("note.written", "a", Note(str(n))))
        await uow.commit()
    assert await Trigger(store, hub).publish_waiting() == 600
    assert by_key(hub.messages) == {"a": list(range(600))}


async def test_a_commit_wakes_the_trigger_at_once(store: EntityStore, hub: InMemoryHub) -> None:
    trigger = Trigger(store, hub, poll=3600)
    trigger.start()
    for count in (1, 2, 3):
        await emit(store, "a")
        await eventually(partial(lambda count: len(hub.messages) == count, count))
    await trigger.stop()


async def test_what_others_left_is_found_by_looking(store: EntityStore, hub: InMemoryHub, store_url: str) -> None:
    trigger = Trigger(store, hub, poll=0.02)
    trigger.start()
    other = await EntityStore.open(store_url, service="notes")
    await emit(other, "a", "a")
    await eventually(lambda: len(hub.messages) == 2)
    await trigger.stop()
    await other.close()


async def test_an_outage_loses_nothing_and_events_flow_when_it_is_over(store: EntityStore, hub: InMemoryHub) -> None:
    hub.available = False
    trigger = Trigger(store, hub, poll=3600, jitter=lambda: 0.0)
    trigger.start()
    await emit(store, "a", "b", "a")
    assert await waiting(store) == 3
    hub.available = True
    await eventually(lambda: len(hub.messages) == 3)
    await trigger.stop()
    assert by_key(hub.messages) == {"a": [0, 1], "b": [0]}


async def test_without_a_hub_events_wait_in_the_store(tmp_path: Path, hub: InMemoryHub) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    async with running_store(url, service="notes", nats_url="") as store:
        await emit(store, "a")
        assert await waiting(store) == 1
    async with running_store(url, service="notes", hub=hub) as store:
        await eventually(lambda: len(hub.messages) == 1)


async def test_a_refused_event_holds_back_its_key_alone(store: EntityStore) -> None:
    hub = BrokenHub()
    hub.refused = {"a"}
    await emit(store, "a", "b", "a", "b")
    trigger = Trigger(store, hub)
    with pytest.raises(HubUnavailable):
        await trigger.publish_waiting()
    assert by_key(hub.messages) == {"b": [0, 1]}
    assert await waiting(store) == 2
    hub.refused = set()
    await trigger.publish_waiting()
    assert by_key(hub.messages) == {"a": [0, 1], "b": [0, 1]}


async def test_many_refused_events_of_one_key_hold_back_no_other(store: EntityStore) -> None:
    hub = BrokenHub()
    hub.refused = {"bad"}
    async with store.unit_of_work(ADA) as uow:
        for n in range(600):  # more than two pages
            uow.emit(Event("note.written", "bad", Note(str(n))))
        uow.emit(Event("note.written", "good", Note("0")))
        await uow.commit()
    trigger = Trigger(store, hub)
    with pytest.raises(HubUnavailable):
        await trigger.publish_waiting()
    assert by_key(hub.messages) == {"good": [0]}
    assert await waiting(store) == 600
    hub.refused = set()
    assert await trigger.publish_waiting() == 600
    assert by_key(hub.messages) == {"good": [0], "bad": list(range(600))}


async def test_a_hub_that_takes_nothing_is_not_asked_for_every_key(store: EntityStore) -> None:
    class Away(InMemoryHub):
        asked = 0

        async def publish(self, message: Message) -> None:
            self.asked += 1
            raise HubUnavailable("away")

    async with store.unit_of_work(ADA) as uow:
        for n in range(3000):
            uow.emit(Event("note.written", f"key-{n}", Note("0")))
        await uow.commit()
    hub = Away()
    with pytest.raises(HubUnavailable):
        await Trigger(store, hub).publish_waiting()
    assert hub.asked == 1024


@pytest.mark.parametrize("error", [ZeroDivisionError, asyncio.CancelledError])
async def test_what_was_confirmed_beside_an_unforeseen_error_is_marked(
    error: type[BaseException], store: EntityStore
) -> None:
    class Faulty(BrokenHub):
        async def publish(self, message: Message) -> None:
            if msgspec.json.decode(message.body)["subject"] == "b":
                raise error
            await super().publish(message)

    hub = Faulty()
    await emit(store, "a", "b", "a", "c")
    with pytest.raises(ZeroDivisionError if error is ZeroDivisionError else HubUnavailable):
        await Trigger(store, hub).publish_waiting()
    assert by_key(hub.messages) == {"a": [0, 1], "c": [0]}
    assert await waiting(store) == 1


async def test_a_lost_confirmation_is_published_again_under_the_same_id(store: EntityStore) -> None:
    hub = BrokenHub(["lose"])
    await emit(store, "a", "a")
    trigger = Trigger(store, hub)
    with pytest.raises(HubUnavailable):
        await trigger.publish_waiting()
    assert (by_key(hub.messages), await waiting(store)) == ({"a": [0]}, 2)
    await trigger.publish_waiting()
    assert by_key(hub.messages) == {"a": [0, 1]}
    assert len(hub.messages) == 2


async def test_starting_and_stopping_twice_is_fine_and_a_stopped_trigger_publishes_nothing(
    store: EntityStore, hub: InMemoryHub
) -> None:
    trigger = Trigger(store, hub, poll=0.01)
    trigger.start()
    trigger.start()
    await emit(store, "a")
    await eventually(lambda: len(hub.messages) == 1)
    await trigger.stop()
    await trigger.stop()
    await emit(store, "a")
    assert len(hub.messages) == 1
    trigger.start()
    await eventually(lambda: len(hub.messages) == 2)
    await trigger.stop()


@pytest.mark.parametrize("ticks", range(5))
async def test_it_stops_at_once_also_just_after_a_commit(ticks: int, store: EntityStore, hub: InMemoryHub) -> None:
    trigger = Trigger(store, hub, poll=3600)
    trigger.start()
    await emit(store, "a")
    await emptied(store)
    await emit(store, "a")
    for _ in range(ticks):
        await asyncio.sleep(0)
    stopping = asyncio.create_task(trigger.stop())
    done, _ = await asyncio.wait({stopping}, timeout=5)
    assert done == {stopping}


async def test_an_unforeseen_error_does_not_end_the_trigger(store: EntityStore) -> None:
    class Faulty(InMemoryHub):
        failures = 2

        async def publish(self, message: Message) -> None:
            if self.failures:
                self.failures -= 1
                raise ZeroDivisionError
            await super().publish(message)

    hub = Faulty()
    trigger = Trigger(store, hub, poll=3600)
    trigger.start()
    await emit(store, "a")
    await eventually(lambda: len(hub.messages) == 1)
    await trigger.stop()


@given(
    keys=st.lists(st.sampled_from("abc"), min_size=1, max_size=12),
    plan=st.lists(st.sampled_from(["store", "refuse", "lose"]), max_size=30),
    triggers=st.integers(1, 3),
    seed=st.integers(),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_schedule_of_failures_and_processes_loses_or_reorders(
    tmp_path: Path, keys: list[str], plan: list[str], triggers: int, seed: int
) -> None:
    """Several triggers with stores of their own on one file, as processes have, against a hub that fails as planned."""
    url = f"sqlite:///{tmp_path}/{new_id()}.db"
    stores = [await EntityStore.open(url, service="notes") for _ in range(triggers)]
    hub, chance = BrokenHub(plan), random.Random(seed)

    async def publish(store: EntityStore) -> None:
        while await waiting(store):
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
            try:
                await Trigger(store, hub).publish_waiting()
            except HubUnavailable:
                continue

    await emit(stores[0], *keys[: len(keys) // 2])
    await asyncio.gather(emit(stores[-1], *keys[len(keys) // 2 :]), *(publish(store) for store in stores))
    await publish(stores[0])
    assert by_key(hub.messages) == {key: list(range(keys.count(key))) for key in set(keys)}
    for store in stores:
        await store.close()

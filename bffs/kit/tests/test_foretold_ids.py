"""Ids of events follow from what others know: who says one first, with an event of their own, takes no place."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import nats
import pytest

from bffs.kit.tests.listener_world import intake, remembering, texts, thing
from bffs.kit.tests.store_world import ADA, nats_server
from portico.bff import EntityStore, Listener, ReceivedEvent, UnitOfWork
from portico.bff.events import Origin, hub_subject
from portico.bff.hub import Message, NatsHub
from portico.bff.testing.events import told_by
from portico.bff.testing.hub import InMemoryHub
from portico.bff.trigger import Trigger

MANY = 20
"""So many events that the trigger publishes them as a batch."""


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


def forged(real: Message, *, by: str) -> Message:
    """An event of another service, on its own subject, under the id of one that is still to come."""
    envelope = {**json.loads(real.body), "source": f"/local/{by}"}
    subject = hub_subject(Origin(by, "local"), envelope["type"], envelope["partitionkey"])
    return Message(subject, real.id, json.dumps(envelope))


@pytest.mark.parametrize("count", [1, MANY])
async def test_the_hub_stores_an_event_whose_id_another_service_has_said(
    count: int, store: EntityStore, tmp_path: Path
) -> None:
    async with store.unit_of_work(ADA) as uow:
        for number in range(count):
            uow.emit(thing(id_=f"t{number}"))
        await uow.commit()
    rows = await store.system_database("test").read("SELECT id, envelope FROM outbox WHERE target IS NULL ORDER BY seq")
    wanted = [(str(row[0]), str(row[1])) for row in rows]
    async with nats_server(tmp_path / "nats") as server:
        hub = NatsHub(server.url)
        await hub.publish(Message("evt.local.forger.thing.changed.0", wanted[0][0], "{}"))
        assert await Trigger(store, hub).publish_waiting() == count
        for id_, body in wanted:  # a repetition is none the less dropped where it is known as one
            await hub.publish(Message("evt.local.notes.thing.changed.0", f"again-{id_}", body))
            await hub.publish(Message("evt.local.notes.thing.changed.0", f"again-{id_}", body))
        client = await nats.connect(server.url)
        js = client.jetstream()
        messages = (await js.stream_info("EVENTS")).state.messages
        bodies = [(await js.get_msg("EVENTS", seq)).data for seq in range(2, count + 2)]
        await client.close()
        await hub.close()
    assert sorted(bodies, key=str) == sorted((body.encode() for _, body in wanted), key=str)
    assert messages == 1 + 2 * count


async def test_a_listener_takes_an_event_whose_id_another_service_has_said(store: EntityStore) -> None:
    hub, listener = InMemoryHub(), Listener()
    heard: list[str] = []

    @listener.on("thing.*", id="b1", by=["bank"])
    async def b1(event: ReceivedEvent, uow: UnitOfWork) -> None:
        heard.append(event.service)

    real = told_by("bank", thing())
    await hub.publish(forged(real, by="forger"))
    await hub.publish(real)
    await hub.publish(forged(real, by="forger2"))
    reading = intake(listener, store, hub)
    reading.start()
    await hub.settled()
    await reading.stop()
    assert heard == ["bank"]


async def test_a_rule_that_believes_everybody_takes_an_id_once(store: EntityStore) -> None:
    hub = InMemoryHub()
    real = told_by("bank", thing())
    await hub.publish(real)
    await hub.publish(forged(real, by="forger"))
    reading = intake(remembering(), store, hub)
    reading.start()
    await hub.settled()
    await reading.stop()
    rows = await store.database.read("SELECT event_id FROM inbox")
    assert (await texts(store), msgspec.convert(rows, list[tuple[str]])) == (["one"], [(real.id,)])

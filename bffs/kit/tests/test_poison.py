"""Poison: whatever comes from the hub, and whatever a rule says of it, the partition goes on and nothing is lost."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from bffs.kit.tests.listener_world import Slept, Thing, count, texts, thing
from bffs.kit.tests.store_world import NOTE, Note
from portico.bff import EntityStore, Listener, ReceivedEvent, UnitOfWork, create_bff
from portico.bff.errors import FaultRemains
from portico.bff.faults import faults
from portico.bff.hub import Message
from portico.bff.intake import Intake
from portico.bff.projection import Rebuild, past_of
from portico.bff.redaction import HIDDEN
from portico.bff.resubmission import resubmit
from portico.bff.testing.events import told_by
from portico.bff.testing.hub import InMemoryHub
from portico.sql import Statement


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


class Stuck(BaseException):
    """The listener tries the same again and again."""


class Counted(Slept):
    """Pauses that do not take time; too many of them are no progress."""

    async def __call__(self, seconds: float) -> None:
        await super().__call__(seconds)
        if len(self.pauses) > 60:
            raise Stuck


def remembering(**more: object) -> Listener:
    listener = Listener()

    @listener.on("thing.*", id="r1", **more)  # type: ignore[arg-type]
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await uow.fold(NOTE, event.subject, Note(event.entity(Thing).name), owner="ada")

    return listener


async def listened(listener: Listener, store: EntityStore, *messages: Message) -> None:
    """Take these; ``Stuck`` when one of them holds up what is behind it."""
    hub = InMemoryHub()
    for message in messages:
        await hub.publish(message)
    reading = Intake(listener, store, hub, sleep=Counted())
    reading.start()
    await hub.settled()
    await reading.stop()


GOOD = told_by("elsewhere", thing("good", "t9", partition_key="p"))


def changed(**fields: object) -> Message:
    """A thing of the same partition, with these fields of its envelope changed."""
    message = told_by("elsewhere", thing("bad", "t8", partition_key="p"))
    envelope = {**msgspec.json.decode(message.body), **fields}
    return Message(message.subject, "m1", msgspec.json.encode(envelope).decode())


POISON = {
    "empty": Message(GOOD.subject, "m1", ""),
    "nul": Message(GOOD.subject, "m1", "a\0b"),
    "deep": Message(GOOD.subject, "m1", "[" * 100_000),
    "deep data": changed(data=msgspec.Raw(b'{"name":' + b"[" * 20_000 + b"]" * 20_000 + b"}")),
    "big": Message(GOOD.subject, "m1", "x" * 900_000),
    "long id": changed(id="x" * 100_000),
    "nul in the id": changed(id="a\0b"),
    "nul in the subject": changed(subject="a\0b"),
    "nul in the type": changed(type="thing.\0"),
    "nul in the stamp": changed(stamp="a\0b"),
    "nul in the actor": changed(actor="a\0b"),
    "long subject": changed(subject="x" * 100_000),
    "another's source": changed(source="/local/other"),
    "far future": changed(time="9999-12-31T23:59:59.999Z"),
    "long past": changed(time="0001-01-01T00:00:00Z"),
    "no name": changed(data={"name": 5}),
    "nul in the message id": Message(GOOD.subject, "m\0", "x"),
    "raw nul": Message(GOOD.subject, "m1", GOOD.body.replace("good", "go\0od").replace('"id":"', '"id":"x')),
    "half a surrogate": Message(GOOD.subject, "m1", GOOD.body.replace("good", "\\ud800").replace('"id":"', '"id":"x')),
    "half a surrogate in the id": Message(GOOD.subject, "m1", GOOD.body.replace('"id":"', '"id":"\\ud800')),
}


@pytest.mark.parametrize("batch", [1, 10])
@pytest.mark.parametrize("kind", POISON)
async def test_what_is_behind_it_is_taken(kind: str, batch: int, store: EntityStore) -> None:
    await listened(remembering(batch=batch), store, POISON[kind], GOOD)
    assert "good" in await texts(store)


WORDS = {"nul": "a\0b", "half a surrogate": "\ud800", "long": "x" * 100_000}


@pytest.mark.parametrize("kind", WORDS)
async def test_whatever_a_rule_says_of_its_failure_is_kept(kind: str, store: EntityStore) -> None:
    listener = Listener()

    @listener.on("thing.*", id="r1")
    async def fail(event: ReceivedEvent, uow: UnitOfWork) -> None:
        raise LookupError(WORDS[kind])

    await listened(listener, store, GOOD)
    assert [fault.error for fault in await faults(store)] == ["LookupError"]
    assert await count(store, "inbox") == 1


async def test_the_deepest_poison_can_be_shown_and_dropped(
    bff_settings: dict[str, str], bff_client: Any, token_issuer: Any, bff_hub: InMemoryHub
) -> None:
    app = create_bff(bff_settings, listener=remembering(), hub=bff_hub, keys=token_issuer.keys())
    async with bff_client(app) as client:
        for kind in ("deep", "deep data", "big", "nul"):
            await bff_hub.publish(Message(GOOD.subject, kind, POISON[kind].body))
        await bff_hub.settled()
        operator = client.signed_in("grace", roles=("operator",))
        items = (await operator.get("/_faults")).json()["items"]
        assert len(items) == 4
        for item in items:
            assert (await operator.get(f"/_faults/{item['id']}")).json()["event"] == HIDDEN
            assert (await operator.post(f"/_faults/{item['id']}/resubmit")).status_code == 409
            assert (await operator.delete(f"/_faults/{item['id']}")).status_code == 204


async def test_an_event_whose_group_is_not_to_be_found_is_a_fault_alone(store: EntityStore) -> None:
    listener = remembering(batch=10, group=lambda event: event.entity(Thing).name)
    await listened(listener, store, changed(id="bad", data={"name": 5}), GOOD)
    assert await texts(store) == ["good"]
    assert [fault.event_id for fault in await faults(store)] == ["bad"]


async def test_an_event_under_an_id_that_another_service_used_is_taken_all_the_same(store: EntityStore) -> None:
    """Whoever guesses an id can publish it first, under a name of their own."""
    forged = told_by("mallory", thing("forged", "t9", partition_key="p"))
    envelope = {**msgspec.json.decode(forged.body), "id": GOOD.id}
    first = Message(forged.subject, "m1", msgspec.json.encode(envelope).decode())
    await listened(remembering(by=["elsewhere"]), store, first, GOOD)
    assert await texts(store) == ["good"]


async def test_what_was_refused_for_its_subject_is_not_taken_by_handing_it_in_again(store: EntityStore) -> None:
    """An operator who hands in all faults again must not speak for a service that said nothing."""
    forged = Message(GOOD.subject.replace("elsewhere", "mallory"), "m1", GOOD.body)
    await listened(remembering(by=["elsewhere"]), store, forged)
    (fault,) = await faults(store)
    with pytest.raises(FaultRemains, match="does not come on"):
        await resubmit(remembering(by=["elsewhere"]), store, fault.id)
    assert (await texts(store), len(await faults(store))) == ([], 1)


async def test_what_an_older_version_could_not_read_is_taken_when_it_is_handed_in_again(store: EntityStore) -> None:
    await listened(remembering(), store, Message(GOOD.subject, GOOD.id, "not yet"))
    await store.database.write([Statement("UPDATE faults SET envelope = $1", (GOOD.body,))])
    (fault,) = await faults(store)
    assert await resubmit(remembering(), store, fault.id)
    assert (await texts(store), await faults(store)) == (["good"], [])


async def test_what_was_refused_for_its_subject_is_not_taken_by_a_rebuild_either(store: EntityStore) -> None:
    hub = InMemoryHub()
    await hub.publish(Message(GOOD.subject.replace("elsewhere", "mallory"), "m1", GOOD.body))
    await Rebuild(remembering(by=["elsewhere"]), store, "g2", rules=["r1"], kinds=[NOTE]).run(past_of(hub))
    assert await texts(store) == []

"""Faults in the hands of operators: seen without secrets, taken again once, dropped; nobody else reaches them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
import pytest

from bffs.kit.tests.listener_world import Slept
from portico.bff import EntityType, Event, Listener, ReceivedEvent, UnitOfWork, create_bff
from portico.bff.entity import Reach
from portico.bff.errors import FaultRemains
from portico.bff.event_store import forget_kept, republish
from portico.bff.faults import faults
from portico.bff.hub import Message
from portico.bff.intake import Intake
from portico.bff.redaction import HIDDEN, redact, redacted
from portico.bff.resubmission import resubmit
from portico.bff.store import EntityStore
from portico.bff.testing.events import told_by
from portico.bff.testing.hub import InMemoryHub
from portico.bff.trigger import Trigger
from portico.sql import Statement

Secret = Annotated[str, msgspec.Meta(extra_json_schema={"x-redact": True})]


class Thing(msgspec.Struct, frozen=True):
    name: str
    code: Secret = ""


class Kept(msgspec.Struct, frozen=True):
    name: str
    code: Secret
    others: list[Thing] = []


KEPT = EntityType("kept", Kept, reach=Reach.EVERYONE)


class Weather:
    """Whether the rule works."""

    fair = False


def listening(weather: Weather) -> Listener:
    listener = Listener()

    @listener.on("thing.changed", id="k1", reads=Thing)
    async def keep(event: ReceivedEvent, uow: UnitOfWork) -> None:
        thing = event.entity(Thing)
        await uow.put(KEPT, event.subject, Kept(thing.name, thing.code, [thing]))
        uow.emit(Event("thing.kept", event.subject, thing))
        if not weather.fair:
            raise ZeroDivisionError("no weather for it")

    return listener


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


async def failed(listener: Listener, store: EntityStore, *messages: Message) -> None:
    hub = InMemoryHub()
    for message in messages:
        await hub.publish(message)
    reading = Intake(listener, store, hub, sleep=Slept())
    reading.start()
    await hub.settled()
    await reading.stop()


def told(subject: str = "t1") -> Message:
    return told_by("elsewhere", Event("thing.changed", subject, Thing("one", "s3cret")))


async def kept(store: EntityStore) -> list[str]:
    async with store.system_unit_of_work("test") as uow:
        return [stored.key.pk for stored in (await uow.query(KEPT)).items]


async def test_a_fault_holds_what_the_rule_would_have_written_without_secrets(store: EntityStore) -> None:
    await failed(listening(Weather()), store, told())
    (fault,) = await faults(store)
    assert msgspec.json.decode(fault.work) == {
        "changes": [
            {"kind": "kept", "pk": "t1", "sk": "kept", "version": 1,
             "entity": {"name": "one", "code": HIDDEN, "others": [{"name": "one", "code": HIDDEN}]}}
        ],
        "events": [{"type": "thing.kept", "subject": "t1", "entity": {"name": "one", "code": HIDDEN}}],
    }  # fmt: skip


async def test_resubmitting_takes_the_event_once_however_often_and_by_however_many(store: EntityStore) -> None:
    weather = Weather()
    listener = listening(weather)
    await failed(listener, store, told())
    (fault,) = await faults(store)
    with pytest.raises(FaultRemains, match="no weather"):
        await resubmit(listener, store, fault.id)
    assert ([one.id for one in await faults(store)], await kept(store)) == ([fault.id], [])
    weather.fair = True
    answers = await asyncio.gather(*(resubmit(listener, store, fault.id) for _ in range(4)))
    assert (await faults(store), await kept(store)) == ([], ["t1"])
    assert any(answers), "nobody is told that the event was taken now; who is overtaken may be told so, too"
    assert await resubmit(listener, store, fault.id) is False
    assert await store.database.read("SELECT count(*) FROM outbox") == [(1,)]
    assert await listener.handle(store, ReceivedEvent.read(fault.envelope)) == 0


async def test_who_is_overtaken_in_the_middle_is_told_that_it_is_done(store: EntityStore) -> None:
    """What another has written meanwhile is in the way of the rule, but the fault is gone."""
    weather = Weather()
    await failed(listening(weather), store, told())
    (fault,) = await faults(store)
    weather.fair = True
    overtaken = Listener()

    @overtaken.on("thing.changed", id="k1")
    async def keep(event: ReceivedEvent, uow: UnitOfWork) -> None:
        assert await resubmit(listening(weather), store, fault.id) is True
        await uow.put(KEPT, event.subject, Kept("late", ""))

    assert await resubmit(overtaken, store, fault.id) is True
    assert (await faults(store), await kept(store)) == ([], ["t1"])


async def test_what_fails_differently_the_second_time_says_so(store: EntityStore) -> None:
    await failed(listening(Weather()), store, told())
    (fault,) = await faults(store)
    other = Listener()

    @other.on("thing.changed", id="k1")
    async def keep(event: ReceivedEvent, uow: UnitOfWork) -> None:
        raise LookupError("another day, another error")

    with pytest.raises(FaultRemains, match="another day"):
        await resubmit(other, store, fault.id)
    assert [(one.error, one.work) for one in await faults(store)] == [("LookupError", '{"changes":[],"events":[]}')]
    with pytest.raises(FaultRemains, match="no rule 'k1'"):
        await resubmit(Listener(), store, fault.id)


async def test_a_message_that_is_no_event_stays_until_it_is_dropped(store: EntityStore) -> None:
    await failed(listening(Weather()), store, Message(told().subject, "m1", "nonsense"))
    (fault,) = await faults(store)
    with pytest.raises(FaultRemains, match="no event"):
        await resubmit(listening(Weather()), store, fault.id)
    assert len(await faults(store)) == 1


async def test_operators_list_show_resubmit_and_drop_and_nobody_else(
    bff_settings: dict[str, str], bff_client: Any, token_issuer: Any, bff_hub: InMemoryHub
) -> None:
    weather = Weather()
    app = create_bff(bff_settings, listener=listening(weather), hub=bff_hub, keys=token_issuer.keys())
    async with bff_client(app) as client:
        store: EntityStore = app.state.parts.get(EntityStore)
        await failed(listening(weather), store, *(told(f"t{n}") for n in range(3)))
        operator = {"Authorization": f"Bearer {token_issuer.token(roles=['operator'])}"}
        somebody = {"Authorization": f"Bearer {token_issuer.token()}"}
        page = (await client.get("/_faults?limit=2", headers=operator)).json()
        rest = (await client.get(f"/_faults?cursor={page['nextCursor']}", headers=operator)).json()
        ids = [item["id"] for item in page["items"] + rest["items"]]
        assert (len(ids), rest["nextCursor"]) == (3, None)
        shown = await client.get(f"/_faults/{ids[0]}", headers=operator)
        assert shown.json()["event"]["data"] == {"name": "one", "code": HIDDEN}
        assert "s3cret" not in shown.text
        again = await client.post(f"/_faults/{ids[0]}/resubmit", headers=operator)
        assert (again.status_code, again.json()["type"]) == (409, "https://portico.dev/problems/fault-remains")
        weather.fair = True
        assert (await client.post(f"/_faults/{ids[0]}/resubmit", headers=operator)).status_code == 204
        assert (await client.delete(f"/_faults/{ids[1]}", headers=operator)).status_code == 204
        assert (await client.delete(f"/_faults/{ids[1]}", headers=operator)).status_code == 404
        assert [fault.id for fault in await faults(store)] == [ids[2]]
        assert len(await kept(store)) == 1
        for method, path in (
            ("GET", "/_faults"), ("GET", f"/_faults/{ids[2]}"), ("POST", f"/_faults/{ids[2]}/resubmit"),
            ("DELETE", f"/_faults/{ids[2]}"), ("GET", "/metrics"),
        ):  # fmt: skip
            assert (await client.request(method, path)).status_code == 401
            assert (await client.request(method, path, headers=somebody)).status_code == 403
        metrics = await client.get("/metrics", headers=operator)
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert 'portico_event_faults_total{rule="k1"' in metrics.text
        actions = await store.database.read("SELECT action FROM audit WHERE discriminator = 'fault' ORDER BY seq")
        assert [row[0] for row in actions] == ["read", "resubmit", "resubmit", "drop", "drop"]


def test_what_a_schema_marks_is_hidden_wherever_it_is() -> None:
    assert redacted(Kept("a", "b", [Thing("c", "d")])) == {
        "name": "a", "code": HIDDEN, "others": [{"name": "c", "code": HIDDEN}]
    }  # fmt: skip
    schema = {"additionalProperties": {"anyOf": [{"type": "null"}, {"x-redact": True}]}}
    assert redact({"a": 1, "b": None}, schema, {}) == {"a": HIDDEN, "b": None}


async def test_a_range_of_time_is_published_again_and_nobody_takes_it_twice(store: EntityStore) -> None:
    hub = InMemoryHub()
    for n in range(6):
        async with store.system_unit_of_work("test") as uow:
            uow.emit(Event("thing.changed", f"t{n}", Thing(str(n))))
            await uow.commit()
    trigger = Trigger(store, hub)
    assert await trigger.publish_waiting() == 6
    rows = await store.database.read("SELECT created_at FROM outbox ORDER BY seq")
    await store.database.write([Statement("UPDATE outbox SET created_at = seq * 1000, published_at = seq * 1000")])
    assert len(rows) == 6
    again = InMemoryHub()
    assert await republish(store, since=2000, until=5000) == 3
    assert await Trigger(store, again).publish_waiting() == 3
    assert [message.id for message in again.messages] == [message.id for message in hub.messages[1:4]]
    await store.database.write([Statement("UPDATE outbox SET published_at = seq * 1000")])
    assert await forget_kept(store, until=4000) == 3
    assert await store.database.read("SELECT seq FROM outbox ORDER BY seq") == [(4,), (5,), (6,)]

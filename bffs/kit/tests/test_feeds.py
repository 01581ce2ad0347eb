"""Feeds: what a commit tells people reaches their subject, in order, once, and nobody else's."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import nats
import pytest
from nats.js.api import StorageType, StreamConfig

from bffs.kit.tests.store_world import ADA, NOTE, NatsServer, Note, TestClock, nats_server
from portico.bff.errors import DeclarationError, EventTooLarge, HubUnavailable, UnitOfWorkClosed
from portico.bff.events import Event
from portico.bff.feeds import MAX_MESSAGE, Notice
from portico.bff.hub import Message, NatsHub
from portico.bff.store import EntityStore
from portico.bff.testing.hub import InMemoryHub
from portico.bff.trigger import Trigger
from portico.feed import STREAM, SUBJECTS, FeedMessage, ensure_stream, person_subject, tenant_subject


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture
async def store(store_url: str, clock: TestClock) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes", clock=clock)
    yield store
    await store.close()


@pytest.fixture
def hub() -> InMemoryHub:
    return InMemoryHub()


def told(hub: InMemoryHub) -> list[tuple[str, FeedMessage]]:
    return [
        (message.subject, msgspec.json.decode(message.body, type=FeedMessage))
        for message in hub.messages
        if message.subject.startswith("feed.")
    ]


def test_a_feed_is_a_subject_without_the_name() -> None:
    assert person_subject("ada") == "feed.person.fdee430d40bd57deeac186cd9790033d"  # fixed for good: feeds are kept
    subjects = {person_subject("ada"), person_subject("a.> *"), tenant_subject("ada"), tenant_subject("north")}
    assert len(subjects) == 4
    assert all(len(subject.split(".")) == 3 and len(subject.split(".")[2]) == 32 for subject in subjects)


async def test_a_message_reaches_its_feed_with_the_commit(store: EntityStore, hub: InMemoryHub) -> None:
    async with store.unit_of_work(ADA, command="k1") as uow:
        await uow.put(NOTE, "n1", Note("hello"))
        uow.emit(Event("note.written", "n1", Note("hello")))
        uow.tell(person="ada", type="notes.note-written", data={"id": "n1"})
        uow.tell(tenant="north", type="notes.note-written", data=Note("hello"))
        await uow.commit()
    assert await Trigger(store, hub).publish_waiting() == 3
    ts = store.now()
    assert told(hub) == [
        (person_subject("ada"), FeedMessage("notes.note-written", ts, msgspec.Raw(b'{"id":"n1"}'))),
        (
            tenant_subject("north"),
            FeedMessage("notes.note-written", ts, msgspec.Raw(b'{"text":"hello","colour":null}')),
        ),
    ]
    types = {message.subject.split(".")[0]: message.headers.get("Content-Type") for message in hub.messages}
    assert types == {"evt": None, "feed": "application/json"}


async def test_a_message_alone_wakes_the_trigger(store: EntityStore) -> None:
    woken: list[bool] = []
    store.on_events(lambda: woken.append(True))
    async with store.unit_of_work(ADA) as uow:
        uow.notify("bob", Notice("Hello"))
        await uow.commit()
    assert woken == [True]


async def test_without_a_commit_nobody_hears_anything(store: EntityStore, hub: InMemoryHub) -> None:
    async with store.unit_of_work(ADA) as uow:
        uow.tell(person="ada", type="notes.note-written", data={})
    assert await Trigger(store, hub).publish_waiting() == 0
    with pytest.raises(UnitOfWorkClosed):
        uow.tell(person="ada", type="notes.note-written", data={})


async def test_a_notice_names_the_app_that_says_it(store: EntityStore, hub: InMemoryHub) -> None:
    async with store.unit_of_work(ADA) as uow:
        uow.notify("bob", Notice("A note for you", "From Ada", href="/notes/n1"))
        await uow.commit()
    await Trigger(store, hub).publish_waiting()
    ((subject, message),) = told(hub)
    assert (subject, message.type) == (person_subject("bob"), "notice")
    assert msgspec.json.decode(message.data) == {
        "title": "A note for you", "body": "From Ada", "href": "/notes/n1", "app": "notes",
    }  # fmt: skip


async def test_one_feed_keeps_its_order_over_pages_and_commits(store: EntityStore, hub: InMemoryHub) -> None:
    for start in (0, 300):
        async with store.unit_of_work(ADA) as uow:
            for n in range(start, start + 300):
                uow.tell(person="ada", type="notes.counted", data={"n": n})
            await uow.commit()
    await Trigger(store, hub).publish_waiting()
    assert [msgspec.json.decode(message.data)["n"] for _, message in told(hub)] == list(range(600))


async def test_the_ids_of_messages_follow_from_the_command(store: EntityStore, tmp_path: Path) -> None:
    other = await EntityStore.open(f"sqlite:///{tmp_path}/other.db", service="notes")
    ids = []
    for each in (store, other):
        async with each.unit_of_work(ADA, command="k1") as uow:
            uow.emit(Event("note.written", "n1", Note("")))
            for _ in range(2):
                uow.tell(person="ada", type="notes.note-written", data={})
                uow.tell(tenant="ada", type="notes.note-written", data={})
            await uow.commit()
        ids.append([row[0] for row in await each.database.read("SELECT id FROM outbox ORDER BY seq")])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 5
    await other.close()


@pytest.mark.parametrize("whose", [{}, {"person": "ada", "tenant": "north"}, {"person": ""}, {"tenant": ""}])
async def test_a_message_is_for_exactly_one_feed(whose: dict[str, Any], store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(DeclarationError):
            uow.tell(type="notes.note-written", data={}, **whose)


@pytest.mark.parametrize("type_", ["", "hello", "beat", "Notes.written", "notes.", "a b.c"])
async def test_a_type_that_could_be_a_control_frame_or_no_name_is_refused(type_: str, store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        with pytest.raises(DeclarationError):
            uow.tell(person="ada", type=type_, data={})


@pytest.mark.parametrize("href", ["", "notes", "//evil.test/", "/\\evil.test", "https://evil.test", "/a b", "/a\n"])
def test_a_notice_leads_to_a_path_of_this_origin_alone(href: str) -> None:
    with pytest.raises(DeclarationError):
        Notice("Hello", href=href)
    assert Notice("Hello", href="/notes/1?x=%20#top").href == "/notes/1?x=%20#top"


def test_a_notice_says_something() -> None:
    with pytest.raises(DeclarationError):
        Notice(" ")


async def test_a_message_too_large_for_pages_stops_its_commit(store: EntityStore) -> None:
    async with store.unit_of_work(ADA) as uow:
        uow.tell(person="ada", type="notes.note-written", data={"text": "x" * MAX_MESSAGE})
        with pytest.raises(EventTooLarge):
            await uow.commit()
    assert await store.database.read("SELECT 1 FROM outbox") == []


async def test_published_messages_leave_after_a_week_and_events_stay(
    store: EntityStore, hub: InMemoryHub, clock: TestClock
) -> None:
    async with store.unit_of_work(ADA) as uow:
        uow.emit(Event("note.written", "n1", Note("")))
        uow.tell(person="ada", type="notes.note-written", data={"n": 1})
        await uow.commit()
    await Trigger(store, hub).publish_waiting()
    async with store.unit_of_work(ADA) as uow:
        uow.tell(person="ada", type="notes.note-written", data={"n": 2})  # waits: no hub for a long time
        await uow.commit()
    clock.advance(days=6.9)
    assert await store.sweep() == 0
    clock.advance(days=0.2)
    assert await store.sweep() == 1
    assert await store.database.read("SELECT target IS NULL, published_at IS NULL FROM outbox ORDER BY seq") == [
        (1, 0), (0, 1),
    ]  # fmt: skip


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path / "nats") as server:
        yield server


async def test_the_hub_makes_the_stream_of_all_feeds(server: NatsServer, store: EntityStore) -> None:
    hub = NatsHub(server.url)
    async with store.unit_of_work(ADA) as uow:
        uow.notify("ada", Notice("One"))
        uow.notify("ada", Notice("Two"))
        await uow.commit()
    await Trigger(store, hub).publish_waiting()
    client = await nats.connect(server.url)
    js = client.jetstream()
    config = (await js.stream_info(STREAM)).config
    assert (config.subjects, config.storage, config.max_age, config.max_msgs_per_subject, config.allow_direct) == (
        [SUBJECTS], StorageType.FILE, 7 * 24 * 3600, 1000, True,
    )  # fmt: skip
    assert config.duplicate_window == 120
    first = await js.get_msg(STREAM, 1, direct=True)
    assert first.subject == person_subject("ada")
    assert first.data is not None
    assert msgspec.json.decode(msgspec.json.decode(first.data, type=FeedMessage).data)["title"] == "One"
    ((id_,), _) = await store.database.read("SELECT id FROM outbox ORDER BY seq")
    assert (first.headers or {})["Nats-Msg-Id"] == id_
    await client.close()
    await hub.close()


async def test_a_stream_of_an_operator_is_left_as_it_is(server: NatsServer) -> None:
    client = await nats.connect(server.url)
    js = client.jetstream()
    await js.add_stream(StreamConfig(name="OURS", subjects=[SUBJECTS], max_msgs=7))
    assert await ensure_stream(js) == "OURS"
    hub = NatsHub(server.url)
    await hub.publish(Message(person_subject("ada"), "1", "{}"))
    info = await js.stream_info("OURS")
    assert (info.state.messages, info.config.max_msgs) == (1, 7)
    await client.close()
    await hub.close()


async def test_a_feed_without_its_stream_gets_it_again(server: NatsServer) -> None:
    hub = NatsHub(server.url)
    await hub.publish(Message(person_subject("ada"), "1", "{}"))
    client = await nats.connect(server.url)
    js = client.jetstream()
    await js.delete_stream(STREAM)
    with pytest.raises(HubUnavailable):
        await hub.publish(Message(person_subject("ada"), "2", "{}"))
    await hub.publish(Message(person_subject("ada"), "2", "{}"))
    assert (await js.stream_info(STREAM)).state.messages == 1
    await client.close()
    await hub.close()

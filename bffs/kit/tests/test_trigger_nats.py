"""The hub on a real NATS server: confirmation, repetition, outages, restarts; and what SIGKILL leaves."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import nats
import pytest
from nats.js.api import StorageType, StreamConfig

from bffs.kit.tests.store_world import ADA, NatsServer, Note, nats_server
from e2e.stack import free_port
from portico.bff.errors import HubUnavailable
from portico.bff.events import Event
from portico.bff.hub import Hub, Message, NatsHub
from portico.bff.nats_stream import STREAM, SUBJECTS
from portico.bff.serving import running_store
from portico.bff.store import EntityStore
from portico.bff.testing.hub import InMemoryHub
from portico.bff.trigger import Trigger
from portico.sql import Statement


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path / "nats") as server:
        yield server


async def stored(server: NatsServer) -> list[tuple[str, str, bytes]]:
    """Everything in the stream: subject, message id, body."""
    client = await nats.connect(server.url)
    stream = client.jetstream()
    state = (await stream.stream_info(STREAM)).state
    found = []
    for seq in range(state.first_seq, state.last_seq + 1):
        message = await stream.get_msg(STREAM, seq)
        assert message.subject is not None
        assert message.data is not None
        found.append((message.subject, (message.headers or {})["Nats-Msg-Id"], message.data))
    await client.close()
    return found


@pytest.mark.parametrize("kind", ["memory", "nats"])
async def test_every_hub_keeps_order_and_drops_a_repeated_id(kind: str, server: NatsServer) -> None:
    hub: Hub = InMemoryHub() if kind == "memory" else NatsHub(server.url)
    for id_ in ("1", "2", "1", "3", "2"):
        await hub.publish(Message("evt.r.s.a.b.0", id_, f'"{id_}"'))
    if isinstance(hub, InMemoryHub):
        found = [(message.subject, message.id, message.body.encode()) for message in hub.messages]
    else:
        found = await stored(server)
    assert found == [("evt.r.s.a.b.0", id_, f'"{id_}"'.encode()) for id_ in ("1", "2", "3")]
    await hub.close()


async def test_the_stream_is_made_on_disk_for_all_events(server: NatsServer) -> None:
    hub = NatsHub(server.url)
    await hub.publish(Message("evt.r.s.a.b.0", "1", "{}"))
    client = await nats.connect(server.url)
    config = (await client.jetstream().stream_info(STREAM)).config
    await client.close()
    await hub.close()
    assert (config.subjects, config.storage, config.duplicate_window) == ([SUBJECTS], StorageType.FILE, 120)


async def test_a_stream_that_an_operator_made_is_left_as_it_is(server: NatsServer) -> None:
    client = await nats.connect(server.url)
    await client.jetstream().add_stream(StreamConfig(name="OURS", subjects=[SUBJECTS], max_msgs=7))
    hub = NatsHub(server.url)
    await hub.publish(Message("evt.r.s.a.b.0", "1", "{}"))
    info = await client.jetstream().stream_info("OURS")
    assert (info.state.messages, info.config.max_msgs) == (1, 7)
    await client.close()
    await hub.close()


async def test_hubs_that_start_together_make_one_stream(server: NatsServer) -> None:
    hubs = [NatsHub(server.url) for _ in range(5)]
    await asyncio.gather(*(hub.publish(Message("evt.r.s.a.b.0", str(n), "{}")) for n, hub in enumerate(hubs)))
    assert len(await stored(server)) == 5
    for hub in hubs:
        await hub.close()


async def test_a_hub_that_is_not_there_says_so_and_may_come_later(tmp_path: Path) -> None:
    server = NatsServer(tmp_path)
    hub = NatsHub(server.url)  # all of its time goes by; and a hub that has just started may need some
    with pytest.raises(HubUnavailable):
        await hub.publish(Message("evt.r.s.a.b.0", "1", "{}"))
    await server.start()
    await hub.publish(Message("evt.r.s.a.b.0", "1", "{}"))
    assert len(await stored(server)) == 1
    await hub.close()
    await server.kill()


async def test_a_closed_hub_publishes_nothing(server: NatsServer) -> None:
    hub = NatsHub(server.url)
    await hub.publish(Message("evt.r.s.a.b.0", "1", "{}"))
    await hub.close()
    await hub.close()
    with pytest.raises(HubUnavailable):
        await hub.publish(Message("evt.r.s.a.b.0", "2", "{}"))
    assert len(await stored(server)) == 1


async def test_a_hub_whose_disk_was_lost_gets_its_stream_again(tmp_path: Path) -> None:
    async with nats_server(tmp_path / "one") as server:
        hub = NatsHub(server.url)
        await hub.publish(Message("evt.r.s.a.b.0", "1", "{}"))
        await server.kill()
        server.folder = tmp_path / "two"
        await server.start()

        async def published() -> None:
            while True:
                try:
                    return await hub.publish(Message("evt.r.s.a.b.0", "2", "{}"))
                except HubUnavailable:
                    await asyncio.sleep(0.05)

        await asyncio.wait_for(published(), 30)
        assert [id_ for _, id_, _ in await stored(server)] == ["2"]
        await hub.close()


async def emit(store: EntityStore, *numbers: int) -> None:
    for n in numbers:
        async with store.unit_of_work(ADA) as uow:
            uow.emit(Event("note.written", f"key-{n % 3}", Note(str(n))))
            await uow.commit()


async def test_events_reach_the_stream_from_a_commit(server: NatsServer, tmp_path: Path) -> None:
    async with running_store(f"sqlite:///{tmp_path}/store.db", service="notes", nats_url=server.url) as store:
        await emit(store, 1)
        await published(store)
        ((id_, envelope),) = await store.database.read("SELECT id, envelope FROM outbox")
    ((subject, message_id, body),) = await stored(server)
    assert subject.startswith("evt.local.notes.note.written.")
    assert (message_id, body) == (id_, str(envelope).encode())
    assert msgspec.json.decode(body)["data"] == {"text": "1", "colour": None}


async def published(store: EntityStore) -> None:
    """Wait until nothing is left in the outbox."""
    async with asyncio.timeout(20):
        while await store.database.read("SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_killed_hub_comes_back_with_everything_and_in_order(server: NatsServer, tmp_path: Path) -> None:
    async with running_store(f"sqlite:///{tmp_path}/store.db", service="notes", nats_url=server.url) as store:
        await emit(store, *range(30))
        await server.kill()
        await emit(store, *range(30, 60))
        await server.start()
        await emit(store, *range(60, 90))
        await published(store)
    bodies = [msgspec.json.decode(body) for _, _, body in await stored(server)]
    for key in range(3):
        numbers = [int(body["data"]["text"]) for body in bodies if body["partitionkey"] == f"key-{key}"]
        assert numbers == list(range(key, 90, 3))


SERVICE = """
import asyncio, sys
from bffs.kit.tests.store_world import ADA, NOTE, Note
from portico.bff.events import Event
from portico.bff.idempotency import idempotent
from portico.bff.idempotency_record import StoredResponse
from portico.bff.serving import running_store
async def main():
    async with running_store(sys.argv[1], service="notes", nats_url=sys.argv[2]) as store:
        numbers = iter(range(int(sys.argv[3]), 10**6))
        async def client(name):
            for n in numbers:
                async def run(uow):
                    await uow.put(NOTE, f"{n}", Note(str(n)))
                    uow.emit(Event("note.written", f"{n}", Note(str(n)), partition_key=name))
                    return StoredResponse(201, str(n).encode())
                answer = await idempotent(store, ADA, f"k{n}", b"", run)
                print(answer.body.decode(), flush=True)
        await asyncio.gather(*(client(f"c{c}") for c in range(8)))
asyncio.run(main())
"""


async def test_a_killed_service_keeps_and_publishes_every_answered_command_once(
    server: NatsServer, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    answered: list[str] = []
    for life in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", SERVICE, url, server.url, str(life * 100_000), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        answered += [(await process.stdout.readline()).decode() for _ in range(120)]
        process.kill()
        answered += [line.decode() for line in (await process.stdout.read()).splitlines(keepends=True)]
        await process.wait()
    complete = {line.strip() for line in answered if line.endswith("\n")}
    async with running_store(url, service="notes", nats_url=server.url) as store:
        await published(store)
        rows = await store.database.read(
            "SELECT e.pk, i.body, o.id FROM entities AS e LEFT JOIN idempotency AS i ON i.key = 'k' || e.pk"
            " LEFT JOIN outbox AS o ON o.subject = e.pk"
        )
    assert complete <= {str(row[0]) for row in rows}
    assert all(row[1] == str(row[0]).encode() and row[2] for row in rows)  # never one without the others
    ids = [id_ for _, id_, _ in await stored(server)]
    assert sorted(ids) == sorted(str(row[2]) for row in rows)
    assert len(complete) >= 360


async def test_a_wrong_address_fails_fast_and_names_no_secret() -> None:
    hub = NatsHub(f"nats://user:secret@127.0.0.1:{free_port()}", timeout=1)
    with pytest.raises(HubUnavailable) as caught:
        await hub.publish(Message("evt.r.s.a.b.0", "1", "{}"))
    assert "secret" not in str(caught.value)
    await hub.close()


async def test_a_long_backlog_is_drained_page_by_page(server: NatsServer, tmp_path: Path) -> None:
    store = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="notes")
    hub = NatsHub(server.url)
    async with store.unit_of_work(ADA) as uow:
        for n in range(2000):
            uow.emit(Event("note.written", f"key-{n % 100}", Note(str(n))))
        await uow.commit()
    trigger = Trigger(store, hub, poll=3600)
    trigger.start()
    await published(store)
    await trigger.stop()
    await hub.close()
    await store.close()
    assert len(await stored(server)) == 2000


async def commit_events(store: EntityStore, count: int) -> None:
    async with store.unit_of_work(ADA) as uow:
        for n in range(count):
            uow.emit(Event("note.written", f"key-{n % 7}", Note(str(n))))
        await uow.commit()


async def of_outbox(store: EntityStore) -> list[str]:
    return [str(row[0]) for row in await store.database.read("SELECT id FROM outbox ORDER BY seq")]


class WatchedHub(NatsHub):
    """Counts what is published alone."""

    alone = 0

    async def publish(self, message: Message) -> None:
        self.alone += 1
        await super().publish(message)


async def test_a_backlog_goes_in_atomic_batches_in_the_order_of_the_commits(server: NatsServer, tmp_path: Path) -> None:
    store, hub = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="notes"), WatchedHub(server.url)
    await commit_events(store, 1200)
    assert await Trigger(store, hub).publish_waiting() == 1200
    assert [id_ for _, id_, _ in await stored(server)] == await of_outbox(store)
    assert hub.alone == 0
    await hub.close()
    await store.close()


async def test_a_few_events_go_singly_for_a_batch_costs_the_hub_a_store(server: NatsServer, tmp_path: Path) -> None:
    store, hub = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="notes"), WatchedHub(server.url)
    await commit_events(store, 15)
    assert await Trigger(store, hub).publish_waiting() == 15
    assert sorted(id_ for _, id_, _ in await stored(server)) == sorted(await of_outbox(store))
    assert hub.alone == 15
    await hub.close()
    await store.close()


async def test_a_batch_that_holds_what_the_hub_has_is_published_one_by_one(server: NatsServer, tmp_path: Path) -> None:
    store, hub = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="notes"), WatchedHub(server.url)
    await commit_events(store, 20)
    trigger = Trigger(store, hub)
    assert await trigger.publish_waiting() == 20
    await store.database.write([Statement("UPDATE outbox SET published_at = NULL WHERE seq > 10")])
    await commit_events(store, 15)
    assert await trigger.publish_waiting() == 25
    assert [id_ for _, id_, _ in await stored(server)][:20] == (await of_outbox(store))[:20]
    assert sorted(id_ for _, id_, _ in await stored(server)) == sorted(await of_outbox(store))
    assert hub.alone == 25
    await hub.close()
    await store.close()


async def test_what_is_behind_a_refused_batch_waits_for_it(server: NatsServer) -> None:
    """Large events make several batches: a later one that is stored before the first would turn the order round."""
    hub = NatsHub(server.url)
    messages = [Message("evt.r.s.a.b.0", str(n), "x" * 900_000) for n in range(9)]
    await hub.publish(messages[0])
    assert not await hub.publish_batch(messages)
    assert [id_ for _, id_, _ in await stored(server)] == ["0"]
    await hub.close()


async def test_a_stream_without_batches_gets_the_events_one_by_one(server: NatsServer, tmp_path: Path) -> None:
    client = await nats.connect(server.url)
    await client.jetstream().add_stream(StreamConfig(name=STREAM, subjects=[SUBJECTS]))
    await client.close()
    store, hub = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="notes"), WatchedHub(server.url)
    await commit_events(store, 30)
    assert await Trigger(store, hub).publish_waiting() == 30
    assert sorted(id_ for _, id_, _ in await stored(server)) == sorted(await of_outbox(store))
    assert hub.alone == 30
    await hub.close()
    await store.close()


async def test_an_event_that_the_hub_never_takes_does_not_hold_up_its_batch(server: NatsServer, tmp_path: Path) -> None:
    store, hub = await EntityStore.open(f"sqlite:///{tmp_path}/store.db", service="notes"), NatsHub(server.url)
    await commit_events(store, 20)
    await store.database.write(
        [Statement("UPDATE outbox SET envelope = $1 WHERE partition_key = 'key-3'", ("x" * 2_000_000,))]
    )
    with pytest.raises(HubUnavailable):
        await Trigger(store, hub).publish_waiting()
    rows = await store.database.read("SELECT DISTINCT partition_key FROM outbox WHERE published_at IS NULL")
    assert (rows, len(await stored(server))) == ([("key-3",)], 17)
    await hub.close()
    await store.close()

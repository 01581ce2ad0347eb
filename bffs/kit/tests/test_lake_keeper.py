"""The keeper on a real NATS server: every event once, through SIGKILL at every step, outages, and a lost stream."""

import asyncio
import json
import multiprocessing
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from bffs.kit.tests import lake_process
from bffs.kit.tests.lake_world import NOON, LakeWorld, Note, lake_world, positions, schemas, told
from bffs.kit.tests.store_world import LateAnswer, NatsServer, nats_server
from portico.bff.hub import Message, NatsHub
from portico.bff.nats_stream import STREAM
from portico.lake import watermark
from portico.lake.erasure import erase
from portico.lake.errors import LakeUnavailable, NotAnEvent
from portico.lake.keeper import Keeper
from portico.lake.log import EPOCH
from portico.lake.query import query
from portico.lake.row import HubMessage, Row, read, unreadable

FORKS = multiprocessing.get_context("forkserver")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path / "nats") as server:
        yield server


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[LakeWorld]:
    async with lake_world(tmp_path) as world:
        yield world


@pytest.fixture
async def keeper(world: LakeWorld, server: NatsServer) -> AsyncIterator[Keeper]:
    keeper = Keeper(world.lake, world.keys, schemas(), server.url, linger=0.02, jitter=lambda: 0.0)
    yield keeper
    await keeper.stop()


async def publish(server: NatsServer, *messages: Message) -> None:
    hub = NatsHub(server.url, timeout=30)
    for one in messages:
        await hub.publish(one)
    await hub.close()


async def until(condition: Callable[[], Awaitable[bool]], within: float = 60.0) -> None:
    """Wait for something that happens in another process or thread."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 (nothing there could set an event of ours)
            await asyncio.sleep(0.02)


async def kept(world: LakeWorld, count: int) -> None:
    async def there() -> bool:
        return sum(one.rows for one in world.again().snapshot.files.values()) >= count

    await until(there)


def notes(first: int, last: int) -> list[Message]:
    return [told(Note(f"n{n}", f"p{n % 3}", text=f"text {n}")) for n in range(first, last + 1)]


async def test_every_event_comes_back_as_it_was_published(keeper: Keeper, world: LakeWorld, server: NatsServer) -> None:
    published = notes(1, 20)
    await publish(server, *published[:10])
    keeper.start()
    await kept(world, 10)
    await publish(server, *published[10:])
    await kept(world, 20)
    assert sorted(row.envelope for row in await world.all()) == sorted(one.body for one in published)
    assert positions(await world.all()) == list(range(1, 21))


async def test_the_watermark_is_told_after_the_commit(keeper: Keeper, world: LakeWorld, server: NatsServer) -> None:
    await publish(server, *notes(1, 3))
    client: Client = await nats.connect(server.url)
    js = client.jetstream()
    assert await watermark.told(js) is None
    keeper.start()

    async def told_all() -> bool:
        found = await watermark.told(js)
        return found is not None and found.sequence == 3

    await until(told_all)
    assert positions(await world.all()) == [1, 2, 3]
    found = await watermark.told(js)
    assert found is not None
    assert found.stream.startswith(f"{STREAM}@")
    await client.close()


async def test_who_is_erased_between_sealing_and_keeping_is_forgotten_by_the_hub_too(
    keeper: Keeper, world: LakeWorld, server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, append = asyncio.get_running_loop(), world.lake.append

    def erased_first(rows: Sequence[Row], position: int, stream: str) -> int:
        counted = asyncio.run_coroutine_threadsafe(erase("p1", world.again(), world.keys), loop).result(30)
        assert counted == 0, "nothing of it is in the lake yet"
        return append(rows, position, stream)

    monkeypatch.setattr(world.lake, "append", erased_first)
    await publish(server, *notes(1, 2))
    keeper.start()
    await kept(world, 2)

    async def noted() -> bool:
        return await world.keys.purges(10 * EPOCH, 0) == [EPOCH + 1]

    await until(noted)
    assert [json.loads(one.envelope)["data"].get("owner") for one in await world.all()] == ["", "p2"]


async def test_what_is_published_again_later_is_kept_once(keeper: Keeper, world: LakeWorld, server: NatsServer) -> None:
    first, second = notes(1, 2)
    await publish(server, first, second)
    client = await nats.connect(server.url)
    # Past the hub's own window for repetitions: the same event under another message id.
    await client.jetstream().publish(first.subject, first.body.encode(), headers={"Nats-Msg-Id": "again"})
    await publish(server, *notes(3, 3))
    keeper.start()
    await kept(world, 3)
    assert positions(await world.all()) == [1, 2, 4]
    await client.close()


async def test_what_is_no_event_is_kept_and_not_replayed(keeper: Keeper, world: LakeWorld, server: NatsServer) -> None:
    forged = notes(9, 9)[0]
    await publish(server, *notes(1, 1))
    client = await nats.connect(server.url)
    js = client.jetstream()
    await js.publish("evt.local.other.note.changed.0", forged.body.encode())
    await js.publish("evt.local.notes.note.changed.0", b"\xff{")
    await js.publish("evt.x", b"{}")
    deep = '{"id":"d","source":"/local/notes","type":"note.changed","time":"2026-05-28T12:00:00Z","subject":"d",'
    deep += '"partitionkey":"d","stamp":"s","data":{"n":1e400}}'
    await js.publish("evt.local.notes.note.changed.0", deep.encode())
    keeper.start()
    await kept(world, 5)
    assert positions(await world.all()) == [1]
    answer = query(world.again(), "SELECT service, fault, data FROM events WHERE fault IS NOT NULL ORDER BY position")
    assert [(service, data) for service, _, data in answer.rows] == [
        ("other", None), ("notes", None), ("unknown", None), ("notes", None),
    ]  # fmt: skip
    assert all(fault for _, fault, _ in answer.rows)
    await client.close()


@pytest.mark.parametrize(
    "subject",
    ["evt.local.notes.note.changed.99999999999", f"evt.local.notes.note.changed.{'9' * 5000}",
     "evt.local.no/tes.note.changed.0", "evt.local.no\0tes.note.changed.0", "evt.local.n*tes.note.changed.0",
     f"evt.local.{'n' * 300}.note.changed.0"],
    ids=["partition", "digits", "folder", "nul", "pattern", "long"],
)  # fmt: skip
async def test_a_subject_that_no_service_can_have_does_not_stop_the_lake(world: LakeWorld, subject: str) -> None:
    service = subject.split(".")[2]
    body = notes(1, 1)[0].body.replace("/local/notes", f"/local/{json.dumps(service)[1:-1]}")
    found = HubMessage(1, subject, body.encode(), NOON)
    with pytest.raises(NotAnEvent, match="is no subject of events") as refused:
        read(found, EPOCH + 1)
    assert world.append([unreadable(found, EPOCH + 1, refused.value)]) == 1
    assert len(query(world.again(), "SELECT fault FROM events").rows) == 1


async def test_it_goes_on_when_the_hub_was_killed(keeper: Keeper, world: LakeWorld, server: NatsServer) -> None:
    await publish(server, *notes(1, 5))
    keeper.start()
    await kept(world, 5)
    await server.kill()
    await server.start()
    await publish(server, *notes(6, 9))
    await kept(world, 9)
    assert positions(await world.all()) == list(range(1, 10))


async def test_a_stream_made_anew_is_read_from_its_beginning(
    keeper: Keeper, world: LakeWorld, server: NatsServer
) -> None:
    await publish(server, *notes(1, 5))
    keeper.start()
    await kept(world, 5)
    client = await nats.connect(server.url)
    await client.jetstream().delete_stream(STREAM)
    await publish(server, *notes(6, 7))
    await kept(world, 7)
    assert positions(await world.all()) == [1, 2, 3, 4, 5, 1, 2]
    await client.close()


async def test_it_ends_though_the_hub_answers_just_then(
    keeper: Keeper, world: LakeWorld, server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer, tell = LateAnswer(), watermark.tell

    async def told_late(js: JetStreamContext, mark: watermark.Watermark) -> None:
        await tell(js, mark)
        if mark.sequence == 3:  # they may come in several portions
            await answer.wait()

    monkeypatch.setattr(watermark, "tell", told_late)
    await publish(server, *notes(1, 3))
    keeper.start()
    await answer.awaited.wait()
    answer.come()
    async with asyncio.timeout(15):
        await keeper.stop()
    assert positions(await world.all()) == [1, 2, 3]


async def test_it_ends_though_the_hub_refuses_just_then(
    keeper: Keeper, server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = LateAnswer()

    async def refused_late(*_: object) -> None:
        await answer.wait()
        raise LakeUnavailable("not now")

    monkeypatch.setattr(watermark, "tell", refused_late)
    await publish(server, *notes(1, 3))
    keeper.start()
    await answer.awaited.wait()
    answer.come()
    async with asyncio.timeout(15):
        await keeper.stop()


async def test_a_process_killed_at_every_step_loses_and_repeats_nothing(
    world: LakeWorld, server: NatsServer, tmp_path: Path
) -> None:
    FORKS.set_forkserver_preload([lake_process.__name__])
    published: list[Message] = []
    step, code = 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        step += 1
        new = notes(step, step)
        published += new
        await publish(server, *new)
        process = FORKS.Process(target=lake_process.keep, args=(tmp_path, server.url, step, len(published)))
        process.start()
        await asyncio.to_thread(process.join, 60)
        code = process.exitcode or 0
    assert code == 0
    assert step > 8
    assert [row.envelope for row in await world.all()] == [one.body for one in published]

"""The listener on a real NATS server: outages, restarts, lost disks, several processes, and SIGKILL at every step."""

import asyncio
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path

import httpx
import nats
import pytest

from bffs.kit.tests import bff_process
from bffs.kit.tests.listening_bff import HEARD, Doom, Thing, hearing
from bffs.kit.tests.store_world import NatsServer, nats_server
from portico.bff import Listener, ReceivedEvent, UnitOfWork
from portico.bff.deliveries import Arrival, Consumer, Position, Reader
from portico.bff.errors import HubUnavailable
from portico.bff.events import PARTITIONS, Event
from portico.bff.faults import faults
from portico.bff.hub import Hub, Message, NatsHub
from portico.bff.intake import Intake, consumers
from portico.bff.nats_stream import STREAM
from portico.bff.serving import running_store
from portico.bff.store import EntityStore
from portico.bff.testing.events import told_by
from portico.bff.testing.hub import InMemoryHub


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path / "nats") as server:
        yield server


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db"


async def until(condition: Callable[[], Awaitable[bool]], within: float = 60.0) -> None:
    """Wait for something that happens in another process or thread."""
    async with asyncio.timeout(within):
        while not await condition():  # noqa: ASYNC110 (nothing there could set an event of ours)
            await asyncio.sleep(0.02)


async def emit(server: NatsServer, subject: str, *numbers: int) -> None:
    """Publish things as another service does, one after the other."""
    hub = NatsHub(server.url, timeout=30)
    for number in numbers:
        await hub.publish(told_by("elsewhere", Event("thing.numbered", subject, Thing(number))))
    await hub.close()


async def at(position: Position) -> Position:
    return position


nowhere = partial(at, Position())


async def come(reader: Reader, count: int) -> list[Arrival]:
    """Read so many messages. They may come in several portions: one may be here while the next is on its way."""
    found: list[Arrival] = []
    while len(found) < count:
        found += await reader.next(count - len(found))
    return found


async def heard(store: EntityStore) -> dict[str, list[int]]:
    async with store.system_unit_of_work("test") as uow:
        page = await uow.query(HEARD, limit=200)
    return {stored.key.pk: stored.entity.numbers for stored in page.items}


async def hears(store: EntityStore, expected: dict[str, list[int]]) -> None:
    """Wait until exactly this was heard: nothing lost, nothing twice, in order."""

    async def complete() -> bool:
        found = await heard(store)
        return sum(map(len, found.values())) >= sum(map(len, expected.values()))

    await until(complete)
    assert await heard(store) == expected


async def test_what_one_service_emits_another_folds_in(server: NatsServer, tmp_path: Path, url: str) -> None:
    listener = hearing(Doom(0))
    async with (
        running_store(f"sqlite:///{tmp_path}/other.db", service="elsewhere", nats_url=server.url) as other,
        running_store(url, service="heard", nats_url=server.url, listener=listener) as store,
    ):
        for number in range(30):
            async with other.system_unit_of_work("test") as uow:
                uow.emit(Event("thing.numbered", f"s{number % 3}", Thing(number)))
                await uow.commit()
        await hears(store, {f"s{n}": list(range(n, 30, 3)) for n in range(3)})


async def test_the_hub_keeps_nothing_of_a_listener_that_ended_and_the_store_knows_its_place(
    server: NatsServer, url: str
) -> None:
    listener = hearing(Doom(0))

    @listener.on("thing.*", id="overlapping")
    async def more(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    @listener.on("*.numbered", id="overlapping-too")
    async def still_more(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    client = await nats.connect(server.url)
    async with running_store(url, service="heard", nats_url=server.url, listener=listener) as store:
        await emit(server, "s", 1, 2, 3)
        await hears(store, {"s": [1, 2, 3]})

        async def kept() -> bool:
            return bool(await store.database.read("SELECT 1 FROM places WHERE seq > 0"))

        async def all_read() -> bool:
            # The hub has a reader before its service knows of it: what is asked for shows that it does.
            readers = await client.jetstream().consumers_info(STREAM)
            return sum(bool(one.num_waiting) for one in readers) == PARTITIONS

        await until(kept)
        await until(all_read)  # each partition by itself: those without events may begin later
    assert (await client.jetstream().stream_info(STREAM)).state.consumer_count == 0
    await client.close()
    store = await EntityStore.open(url, service="heard")
    partition = zlib.crc32(b"s") % PARTITIONS
    ((name, seq, until_),) = await store.database.read("SELECT consumer, seq, until FROM places")
    assert (name, until_) == (consumers(listener, "heard")[partition].name, 0)
    assert seq in range(1, 7), "it may have read of its own events, too"
    await store.close()


async def test_a_hub_that_comes_later_is_found(tmp_path: Path, url: str) -> None:
    server = NatsServer(tmp_path / "nats")
    async with running_store(url, service="heard", nats_url=server.url, listener=hearing(Doom(0))) as store:
        await server.start()
        await emit(server, "s", 1, 2, 3)
        await hears(store, {"s": [1, 2, 3]})
    await server.kill()


async def test_a_hub_that_is_killed_again_and_again_costs_nothing(server: NatsServer, url: str) -> None:
    async with running_store(url, service="heard", nats_url=server.url, listener=hearing(Doom(0))) as store:
        for n in range(0, 40, 10):
            await emit(server, "a", *range(n, n + 10))
            await emit(server, "b", *range(n, n + 10))
            await server.kill()
            await server.start()
        await hears(store, {"a": list(range(40)), "b": list(range(40))})


async def test_a_hub_whose_disk_was_lost_gets_its_consumers_again(tmp_path: Path, url: str) -> None:
    async with (
        nats_server(tmp_path / "one") as server,
        running_store(url, service="heard", nats_url=server.url, listener=hearing(Doom(0))) as store,
    ):
        await emit(server, "s", 1, 2)
        await hears(store, {"s": [1, 2]})
        await server.kill()
        server.folder = tmp_path / "two"
        await server.start()
        await emit(server, "s", 3, 4)
        await hears(store, {"s": [1, 2, 3, 4]})


async def test_a_reader_that_an_operator_deletes_reads_on_and_repeats_nothing(server: NatsServer, url: str) -> None:
    async with running_store(url, service="heard", nats_url=server.url, listener=hearing(Doom(0))) as store:
        await emit(server, "s", 1, 2)
        await hears(store, {"s": [1, 2]})
        client = await nats.connect(server.url)
        for info in await client.jetstream().consumers_info(STREAM):
            await client.jetstream().delete_consumer(STREAM, info.name)
        await emit(server, "s", 3)
        await hears(store, {"s": [1, 2, 3]})
        await client.close()


async def test_a_rule_added_later_hears_what_was_told_before_and_the_others_do_not_hear_it_again(
    server: NatsServer, url: str
) -> None:
    async with running_store(url, service="heard", nats_url=server.url, listener=hearing(Doom(0))) as store:
        await emit(server, "s", 1, 2, 3)
        await hears(store, {"s": [1, 2, 3]})
    listener, later = hearing(Doom(0)), list[int]()

    @listener.on("thing.*", id="h2")
    async def hear_later(event: ReceivedEvent, uow: UnitOfWork) -> None:
        later.append(event.entity(Thing).number)

    async with running_store(url, service="heard", nats_url=server.url, listener=listener) as store:
        await emit(server, "s", 4)
        await hears(store, {"s": [1, 2, 3, 4]})

        async def all_of_it() -> bool:
            return len(later) >= 4

        await until(all_of_it)
    assert later == [1, 2, 3, 4]


async def test_two_processes_share_the_consumers_keep_the_order_and_take_each_event_once(
    server: NatsServer, url: str
) -> None:
    async with (
        running_store(url, service="heard", nats_url=server.url, listener=hearing(Doom(0))) as one,
        running_store(url, service="heard", nats_url=server.url, listener=hearing(Doom(0))),
    ):
        await asyncio.gather(*(emit(server, f"s{n}", *range(60)) for n in range(8)))
        await hears(one, {f"s{n}": list(range(60)) for n in range(8)})
        assert await one.database.read("SELECT count(*) FROM inbox") == [(480,)]


async def test_a_fault_lets_the_partition_go_on(server: NatsServer, url: str) -> None:
    listener = Listener()

    @listener.on("thing.numbered", id="h1")
    async def hear(event: ReceivedEvent, uow: UnitOfWork) -> None:
        if event.entity(Thing).number == 2:
            raise ZeroDivisionError
        await uow.put(HEARD, str(event.entity(Thing).number), HEARD.struct([event.entity(Thing).number]))

    async with running_store(url, service="heard", nats_url=server.url, listener=listener) as store:
        await emit(server, "s", 1, 2, 3)
        await hears(store, {"1": [1], "3": [3]})
        assert [(fault.rule, fault.error) for fault in await faults(store)] == [("h1", "ZeroDivisionError")]


async def test_a_message_that_is_no_event_is_a_fault_with_its_id(server: NatsServer, url: str) -> None:
    async with running_store(url, service="heard", nats_url=server.url, listener=hearing(Doom(0))) as store:
        hub = NatsHub(server.url)
        subject = told_by("elsewhere", Event("thing.numbered", "s", Thing(1))).subject
        await hub.publish(Message(subject, "nonsense-1", "nonsense"))
        await hub.close()
        await emit(server, "s", 1)
        await hears(store, {"s": [1]})
        assert [(fault.event_id, fault.envelope) for fault in await faults(store)] == [("nonsense-1", "nonsense")]


@pytest.mark.parametrize("kind", ["memory", "nats"])
async def test_every_hub_hands_out_in_order_what_is_wanted_from_any_place_on(kind: str, server: NatsServer) -> None:
    hub: Hub = InMemoryHub() if kind == "memory" else NatsHub(server.url)
    for n, type_ in enumerate(["a.b", "a.x", "a.b", "c.d", "a.b.c", "c.e"]):
        await hub.publish(Message(f"evt.r.s.{type_}.3", str(n), f"{n}"))
    wanted = Consumer("one", ("evt.*.*.a.b.3", "evt.*.*.c.*.3"))
    reader = await hub.read(wanted, nowhere)
    found = [one for _ in range(2) for one in await come(reader, 2)]
    assert [(one.id, one.body) for one in found] == [("0", b"0"), ("2", b"2"), ("3", b"3"), ("5", b"5")]
    await reader.close()
    again = await hub.read(wanted, partial(at, found[1].position))
    assert [one.id for one in await come(again, 2)] == ["3", "5"]
    waiting = asyncio.create_task(again.next(10))
    await hub.publish(Message("evt.r.s.a.b.3", "6", "6"))
    assert [one.id for one in await waiting] == ["6"]
    await again.close()
    await hub.close()


async def test_a_place_behind_the_end_of_a_stream_that_lost_its_newest_is_the_beginning(server: NatsServer) -> None:
    """A hub that came back without its last messages gives their numbers to others: those must be read."""
    hub = NatsHub(server.url)
    await hub.publish_batch([Message("evt.r.s.a.b.3", str(n), "{}") for n in range(3)])
    wanted = Consumer("one", ("evt.*.*.a.b.3",))
    reader = await hub.read(wanted, nowhere)
    last = (await come(reader, 3))[-1].position
    await reader.close()
    reader = await hub.read(wanted, partial(at, Position(last.stream, last.seq + 5)))
    assert reader.pending == 3
    assert [one.id for one in await come(reader, 3)] == ["0", "1", "2"]
    await reader.close()
    reader = await hub.read(wanted, partial(at, last))
    assert reader.pending == 0
    await reader.close()
    await hub.close()


async def test_no_more_is_asked_for_than_is_wanted_and_that_again_only_when_it_was_taken(server: NatsServer) -> None:
    hub = NatsHub(server.url)
    await hub.publish_batch([Message("evt.r.s.a.b.3", str(n), "{}") for n in range(100)])
    reader = await hub.read(Consumer("one", ("evt.*.*.a.b.3",)), nowhere)
    assert [one.id for one in await come(reader, 10)] == [str(n) for n in range(10)]
    client = await nats.connect(server.url)
    (info,) = await client.jetstream().consumers_info(STREAM)
    assert info.delivered is not None
    assert (info.delivered.consumer_seq, info.num_pending) == (10, 90)
    await client.close()
    await reader.close()
    await hub.close()


async def test_who_waits_for_a_message_is_told_when_the_connection_is_lost(server: NatsServer) -> None:
    hub = NatsHub(server.url)
    reader = await hub.read(Consumer("one", ("evt.*.*.a.b.3",)), nowhere)
    waiting = asyncio.create_task(reader.next(1))
    await hub.publish(Message("evt.r.s.x.y.3", "1", "{}"))
    await server.kill()
    with pytest.raises(HubUnavailable):
        await waiting
    await hub.close()
    with pytest.raises(HubUnavailable):
        await hub.read(Consumer("one", ("evt.*.*.a.b.3",)), nowhere)


@pytest.mark.parametrize("ticks", range(0, 60, 3))
async def test_it_stops_also_while_it_begins(ticks: int, server: NatsServer, url: str) -> None:
    """nats-py may swallow a cancellation that comes together with an answer; the reader ends all the same."""
    hub, store = NatsHub(server.url), await EntityStore.open(url, service="heard")
    reading = Intake(hearing(Doom(0)), store, hub)
    reading.start()
    for _ in range(ticks):
        await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await reading.stop()
    await hub.close()
    await store.close()


SUBJECTS = ("a", "b", "c")
TARGET = "bffs.kit.tests.listening_bff:create_app"


async def published(server: NatsServer, type_: str) -> dict[str, list[int]]:
    """What is in the stream, by subject; an id that came twice counts once, as for every listener."""
    client = await nats.connect(server.url)
    js = client.jetstream()
    last = (await js.stream_info(STREAM)).state.last_seq
    found: dict[str, ReceivedEvent] = {}
    for seq in range(1, last + 1):
        message = await js.get_msg(STREAM, seq)
        assert message.data is not None
        event = ReceivedEvent.read(message.data.decode())
        if event.type == type_:
            found.setdefault(event.id, event)
    await client.close()
    numbers: dict[str, list[int]] = {}
    for event in found.values():
        numbers.setdefault(event.subject, []).append(event.entity(Thing).number)
    return numbers


@pytest.mark.timeout(300)  # thirteen processes begin, one after the other
async def test_a_service_killed_at_any_step_takes_every_event_exactly_once(
    server: NatsServer, bff_settings: dict[str, str]
) -> None:
    """One life after the other dies a step later; each subject's numbers tell of a loss, a repetition or a leap."""
    assert len({zlib.crc32(subject.encode()) % PARTITIONS for subject in SUBJECTS}) == 3
    environment = dict(os.environ) | bff_settings | {"NATS_URL": server.url, "PORTICO_APP": "heard"}
    lives, each = range(1, 13), 4
    for life in lives:
        for subject in SUBJECTS:
            await emit(server, subject, *range((life - 1) * each, life * each))
        process = await bff_process.start(environment | {"DOOM": str(life)}, TARGET, "--port", "0")
        await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == -9
    complete = {subject: list(range(len(lives) * each)) for subject in SUBJECTS}
    async with (
        bff_process.serving(environment, TARGET) as (_, address),
        httpx.AsyncClient(base_url=address, trust_env=False) as client,
    ):

        async def all_of_it() -> bool:
            found: dict[str, list[int]] = (await client.get("/heard")).json()
            return sum(map(len, found.values())) >= len(SUBJECTS) * len(lives) * each

        await until(all_of_it)
        assert (await client.get("/heard")).json() == complete

        async def all_published() -> bool:
            return sum(map(len, (await published(server, "number.heard")).values())) >= 3 * len(lives) * each

        await until(all_published)
        assert await published(server, "number.heard") == complete

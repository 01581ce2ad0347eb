"""The listener on a real NATS server: outages, restarts, lost disks, several processes, and SIGKILL at every step."""

import asyncio
import contextlib
import os
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import nats
import pytest
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerInfo
from nats.js.errors import NotFoundError

from bffs.kit.tests import bff_process
from bffs.kit.tests.listening_bff import HEARD, Doom, DoomedDelivery, Thing, hearing
from bffs.kit.tests.store_world import NatsServer, nats_server
from portico.bff import Listener, ReceivedEvent, UnitOfWork
from portico.bff.deliveries import Consumer, Delivery
from portico.bff.errors import HubUnavailable
from portico.bff.events import PARTITIONS, Event
from portico.bff.faults import faults
from portico.bff.hub import STREAM, Hub, Message, NatsHub
from portico.bff.intake import Intake, consumers
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


async def made(client: Client, consumer: Consumer) -> ConsumerInfo:
    """Wait until the hub has the consumer."""
    found: list[ConsumerInfo] = []

    async def there() -> bool:
        with contextlib.suppress(NotFoundError):
            found.append(await client.jetstream().consumer_info(STREAM, consumer.name))
        return bool(found)

    await until(there)
    return found[0]


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


async def test_consumers_are_durable_and_hand_out_one_message_at_a_time(server: NatsServer, url: str) -> None:
    listener = hearing(Doom(0))

    @listener.on("thing.*", id="overlapping")
    async def more(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    @listener.on("*.numbered", id="overlapping-too")
    async def still_more(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    async with running_store(url, service="heard", nats_url=server.url, listener=listener) as store:
        await emit(server, "s", 1)
        await hears(store, {"s": [1]})
        client = await nats.connect(server.url)
        for consumer in consumers(listener, "heard", 5.0):
            info = await made(client, consumer)
            assert info.config.durable_name == consumer.name
            assert (info.config.ack_policy, info.config.max_ack_pending) == (AckPolicy.EXPLICIT, 1)
            assert info.config.filter_subject == consumer.subjects[0] or info.config.filter_subjects == [
                *consumer.subjects
            ]
        await client.close()


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


async def test_a_consumer_that_an_operator_deletes_is_made_again_and_repeats_nothing(
    server: NatsServer, url: str
) -> None:
    listener = hearing(Doom(0))
    async with running_store(url, service="heard", nats_url=server.url, listener=listener) as store:
        await emit(server, "s", 1, 2)
        await hears(store, {"s": [1, 2]})
        client = await nats.connect(server.url)
        for consumer in consumers(listener, "heard", 5.0):
            await made(client, consumer)
            await client.jetstream().delete_consumer(STREAM, consumer.name)
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


class CountedDelivery(DoomedDelivery):
    """Tells when its reader has kept it for longer than the hub would wait."""

    def __init__(self, delivery: Delivery, long_kept: asyncio.Event) -> None:
        super().__init__(delivery, Doom(0))
        self._kept = 0
        self._long_kept = long_kept

    async def keep(self) -> None:
        await super().keep()
        self._kept += 1
        if self._kept == 6:
            self._long_kept.set()


class CountingHub(NatsHub):
    def __init__(self, url: str, long_kept: asyncio.Event) -> None:
        super().__init__(url)
        self._long_kept = long_kept

    async def receive(self, consumer: Consumer) -> Delivery:
        return CountedDelivery(await super().receive(consumer), self._long_kept)


async def test_a_rule_that_takes_its_time_keeps_its_message(server: NatsServer, url: str) -> None:
    calls, listener = list[int](), Listener()
    second, long_kept = asyncio.Event(), asyncio.Event()

    @listener.on("thing.numbered", id="h1")
    async def hear(event: ReceivedEvent, uow: UnitOfWork) -> None:
        calls.append(event.entity(Thing).number)
        if event.entity(Thing).number == 1:
            await long_kept.wait()  # six times a third of the time that the hub waits
        else:
            second.set()

    store = await EntityStore.open(url, service="heard")
    hubs = [CountingHub(server.url, long_kept) for _ in range(2)]
    readings = [Intake(listener, store, hub, ack_wait=0.6) for hub in hubs]
    for reading in readings:
        reading.start()
    await emit(server, "s", 1, 2)
    async with asyncio.timeout(20):
        await second.wait()
    assert calls == [1, 2]
    for reading, hub in zip(readings, hubs, strict=True):
        await reading.stop()
        await hub.close()
    await store.close()


@pytest.mark.parametrize("kind", ["memory", "nats"])
async def test_every_hub_hands_out_in_order_what_is_wanted_until_it_is_settled(kind: str, server: NatsServer) -> None:
    hub: Hub = InMemoryHub() if kind == "memory" else NatsHub(server.url)
    for n, type_ in enumerate(["a.b", "a.x", "a.b", "c.d", "a.b.c"]):
        await hub.publish(Message(f"evt.r.s.{type_}.3", str(n), f"{n}"))
    one = Consumer("one", ("evt.*.*.a.b.3", "evt.*.*.c.*.3"), ack_wait=30)
    taken = []
    for _ in range(3):
        delivery = await hub.receive(one)
        await delivery.release()
        delivery = await hub.receive(one)
        await delivery.keep()
        taken.append((delivery.id, delivery.body))
        await delivery.settle()
    assert taken == [("0", b"0"), ("2", b"2"), ("3", b"3")]
    held = await hub.receive(Consumer("two", ("evt.*.*.a.b.3",)))
    waiting = asyncio.create_task(hub.receive(Consumer("two", ("evt.*.*.a.b.3",))))
    await hub.receive(Consumer("three", ("evt.*.*.a.b.3",)))  # there and back: time enough for the other to come
    assert (held.id, waiting.done()) == ("0", False)  # the next only after this one
    await held.settle()
    assert (await waiting).id == "2"
    await hub.close()


async def test_who_waits_for_a_message_is_told_when_the_connection_is_lost(server: NatsServer) -> None:
    hub = NatsHub(server.url)
    waiting = asyncio.create_task(hub.receive(Consumer("one", ("evt.*.*.a.b.3",))))
    await hub.publish(Message("evt.r.s.x.y.3", "1", "{}"))
    await server.kill()
    with pytest.raises(HubUnavailable):
        await waiting
    await hub.close()
    with pytest.raises(HubUnavailable):
        await hub.receive(Consumer("one", ("evt.*.*.a.b.3",)))


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

"""The micro event store keeps an event until the lake has had it for a week; without a lake, for good."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import nats
import pytest

from bffs.kit.tests.lake_world import Note, lake_world, schemas
from bffs.kit.tests.store_world import NatsServer, TestClock, nats_server
from portico.bff.events import Event
from portico.bff.hub import NatsHub
from portico.bff.lake_sweep import KEEP_MS, LakeSweep
from portico.bff.store import EntityStore
from portico.bff.trigger import Trigger
from portico.lake import watermark
from portico.lake.hub_reader import identity, stream_info
from portico.lake.keeper import Keeper


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    async with nats_server(tmp_path / "nats") as server:
        yield server


async def kept(store: EntityStore) -> list[object]:
    return [row[0] for row in await store.database.read("SELECT subject FROM outbox ORDER BY seq")]


async def test_events_stay_until_the_lake_has_had_them_for_a_week(server: NatsServer, store_url: str) -> None:
    clock, hub = TestClock(), NatsHub(server.url)
    store = await EntityStore.open(store_url, service="notes", clock=clock)
    trigger, sweep = Trigger(store, hub), LakeSweep(store, hub)

    async def publish(id_: str) -> None:
        async with store.system_unit_of_work("test") as uow:
            uow.emit(Event("note.changed", id_, Note(id_, "ada")))
            await uow.commit()
        await trigger.publish_waiting()

    await publish("n1")
    clock.advance(days=30)
    assert await sweep.look() == await sweep.look() == 0, "there is no lake"
    client = await nats.connect(server.url)
    js = client.jetstream()
    stream = identity(await stream_info(js))
    await watermark.tell(js, watermark.Watermark("EVENTS@before", 99))
    assert await sweep.look() == await sweep.look() == 0, "the lake has another stream"

    await watermark.tell(js, watermark.Watermark(stream, 0))
    assert await sweep.look() == await sweep.look() == 0, "the lake is behind"
    await watermark.tell(js, watermark.Watermark(stream, 1))
    clock.advance(seconds=1)
    await publish("n2")
    assert await sweep.look() == 1, "the lake has what was there at the look before"
    assert await kept(store) == ["n2"]
    await watermark.tell(js, watermark.Watermark(stream, 2))
    assert await sweep.look() == 0, "not a week old"
    clock.advance(seconds=KEEP_MS / 1000 + 1)
    assert await sweep.look() == 0, "nor at the look before"
    assert await sweep.look() == 1
    assert await kept(store) == []
    await client.close()
    await hub.close()
    await store.close()


async def test_from_the_commit_to_the_lake_and_then_out_of_the_store(
    server: NatsServer, store_url: str, tmp_path: Path
) -> None:
    """The keeper itself tells how far it is; what the sweep removes is in the lake, as it was."""
    clock, hub = TestClock(), NatsHub(server.url)
    store = await EntityStore.open(store_url, service="notes", clock=clock)
    trigger, sweep = Trigger(store, hub), LakeSweep(store, hub)
    async with lake_world(tmp_path) as world:
        async with store.system_unit_of_work("test") as uow:
            for number in range(5):
                uow.emit(Event("note.changed", f"n{number}", Note(f"n{number}", "ada", text=f"text {number}")))
            await uow.commit()
        await trigger.publish_waiting()
        clock.advance(days=30)
        assert await sweep.look() == await sweep.look() == 0, "nobody keeps a lake"
        keeper = Keeper(world.again(), world.keys, schemas(), server.url, linger=0.02)
        keeper.start()
        async with asyncio.timeout(60):
            while (state := await hub.lake()) is None or state.kept < 5:  # noqa: ASYNC110 (another task tells)
                await asyncio.sleep(0.05)
        assert await sweep.look() == 0, "what was published since the last look may not be in the lake"
        assert await sweep.look() == 5
        assert await kept(store) == []
        rows = await world.all()
        assert [row.subject for row in rows] == [f"n{number}" for number in range(5)]
        assert all(f'"text":"text {number}"' in row.envelope for number, row in enumerate(rows))
        await keeper.stop()
    await hub.close()
    await store.close()

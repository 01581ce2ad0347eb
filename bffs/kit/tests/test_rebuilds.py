"""An operator has a projection built anew from the lake: what the hub dropped is there, who was erased is not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nats
import pytest
from starlette.applications import Starlette

from bffs.kit.tests.lake_world import NOON, Note, schemas, told
from bffs.kit.tests.store_world import TestClock, nats_server
from portico.bff import EntityStore, EntityType, Event, Listener, ReceivedEvent, UnitOfWork, create_bff
from portico.bff.hub import NatsHub
from portico.bff.nats_stream import STREAM
from portico.bff.projection import Rebuild, past_of
from portico.bff.rebuild_log import LEASE_MS, Building, RebuildLog
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer
from portico.lake.config import LakeConfig
from portico.lake.erasure import erase
from portico.lake.keeper import Keeper
from portico.sql import ExpectationFailed

PROBLEMS = "https://portico.dev/problems"
SHELVED = EntityType("shelved", Note)
Client = Callable[[Starlette], AbstractAsyncContextManager[BffClient]]


@dataclass
class Doorkeeper:
    """Lets a rule take so many events of a rebuild; the others wait until the door is open."""

    free: int = 1_000_000
    taken: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def pass_(self) -> None:
        self.taken += 1
        if self.taken > self.free:
            await self.open.wait()


def shelving(door: Doorkeeper) -> Listener:
    listener = Listener()

    @listener.on("note.changed", id="shelve", batch=5)
    async def shelve(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await door.pass_()
        note = event.entity(Note)
        await uow.fold(SHELVED, note.id, note, owner=note.owner)

    listener.projection("shelf", rules=["shelve"], kinds=[SHELVED])
    return listener


@dataclass
class World:
    """A hub, a lake that is kept, and the settings of a service that listens."""

    hub: NatsHub
    servers: str
    lake: LakeConfig
    settings: dict[str, str]
    issuer: TokenIssuer
    client: Client

    @contextlib.asynccontextmanager
    async def service(self, door: Doorkeeper | None = None) -> AsyncIterator[BffClient]:
        app = create_bff(self.settings, listener=shelving(door or Doorkeeper()), keys=self.issuer.keys())
        async with self.client(app) as client:
            yield client.signed_in("grace", roles=("operator",))

    async def publish(self, *notes: Note, at: int = NOON) -> None:
        for number, note in enumerate(notes):
            await self.hub.publish(told(note, at=at + number))

    async def kept(self, count: int) -> None:
        """Keep what the hub has in the lake, and have the hub drop it."""
        async with self.lake.opened() as (lake, keys):
            keeper = Keeper(lake, keys, schemas(), self.servers, linger=0.02)
            keeper.start()
            async with asyncio.timeout(60):
                while sum(one.rows for one in lake.snapshot.files.values()) < count:  # noqa: ASYNC110 (threads)
                    await asyncio.sleep(0.01)
            await keeper.stop()
        client = await nats.connect(self.servers)
        assert await client.jetstream().purge_stream(STREAM)
        await client.close()

    async def shelf(self) -> dict[str, Note]:
        store = await EntityStore.open(self.settings["DATABASE_URL"], service="shelf")
        async with store.system_unit_of_work("test") as uow:
            found = {one.key.pk: one.entity for one in (await uow.query(SHELVED, limit=200)).items}
        await store.close()
        return found

    async def shelves(self, expected: dict[str, Note]) -> None:
        async with asyncio.timeout(60):
            while await self.shelf() != expected:  # noqa: ASYNC110 (another process might do it)
                await asyncio.sleep(0.05)


@pytest.fixture
async def world(
    tmp_path: Path,
    store_url: str,
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_client: Client,
) -> AsyncIterator[World]:
    lake = LakeConfig(place=str(tmp_path / "lake"), keys=f"sqlite:///{tmp_path}/keys.db")
    async with nats_server(tmp_path / "nats") as server:
        settings = {
            **bff_settings, "PORTICO_APP": "shelf", "DATABASE_URL": store_url, "NATS_URL": server.url,
            "PORTICO_LAKE": lake.place, "PORTICO_LAKE_KEYS": lake.keys,
        }  # fmt: skip
        hub = NatsHub(server.url)
        yield World(hub, server.url, lake, settings, token_issuer, bff_client)
        await hub.close()


async def begun(operator: BffClient, **body: Any) -> dict[str, Any]:
    answer = await operator.post("/_rebuilds", json={"projection": "shelf", **body})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def over(operator: BffClient, id_: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            shown: dict[str, Any] = (await operator.get(f"/_rebuilds/{id_}")).json()
            if shown["endedAt"] is not None:
                return shown
            await asyncio.sleep(0.05)


NOTES = [Note(f"n{n}", ("ada", "bob", "carol")[n % 3], text=f"text {n}") for n in range(12)]


async def test_from_the_lake_what_the_hub_dropped_is_there_and_who_was_erased_is_not(world: World) -> None:
    async with world.service() as operator:
        await world.publish(*NOTES)
        live = {note.id: note for note in NOTES}
        await world.shelves(live)
        await world.kept(12)
        store = await EntityStore.open(world.settings["DATABASE_URL"], service="shelf")
        async with store.system_unit_of_work("a mistake") as uow:
            await uow.get(SHELVED, "n1")
            await uow.put(SHELVED, "n1", Note("n1", "bob", text="wrong"), owner="bob")
            await uow.put(SHELVED, "n99", Note("n99", "bob"), owner="bob")
            await uow.commit()
        await store.close()

        first = await over(operator, (await begun(operator))["id"])
        assert (first["state"], first["source"], first["events"], first["error"]) == ("done", "lake", 12, "")
        assert await world.shelf() == live

        async with world.lake.opened() as (lake, keys):
            await erase("ada", lake, keys)
        await over(operator, (await begun(operator, source="lake"))["id"])
        found = await world.shelf()
        assert {id_: note for id_, note in found.items() if note.owner in {"bob", "carol"}} == {
            id_: note for id_, note in live.items() if note.owner != "ada"
        }
        assert not {"ada", "text 0", "text 3"} & {word for note in found.values() for word in (note.owner, note.text)}

        later = Note("n1", "bob", text="later")
        await world.publish(later, at=NOON + 1000)
        await world.shelves({**found, "n1": later})
        (shown, _), projections = (
            (answer := (await operator.get("/_rebuilds")).json())["items"],
            answer["projections"],
        )
        assert shown["startedBy"] == "grace"
        assert projections == [{"name": "shelf", "rules": ["shelve"], "kinds": ["shelved"]}]


async def test_what_the_lake_does_not_have_yet_comes_from_the_hub(world: World) -> None:
    async with world.service() as operator:
        await world.publish(*NOTES[:6])
        await world.shelves({note.id: note for note in NOTES[:6]})  # what the hub drops nobody reads any more
        await world.kept(6)
        await world.publish(*NOTES[6:], at=NOON + 1000)
        await world.shelves({note.id: note for note in NOTES})
        assert (await over(operator, (await begun(operator))["id"]))["events"] == 12
        assert await world.shelf() == {note.id: note for note in NOTES}


async def test_it_goes_on_after_a_restart_and_takes_no_event_twice(world: World) -> None:
    async with world.service():
        await world.publish(*NOTES)
        await world.shelves({note.id: note for note in NOTES})
        await world.kept(12)
    door = Doorkeeper(free=4)
    async with world.service(door) as operator:
        building = await begun(operator)
        async with asyncio.timeout(60):
            while door.taken <= 4:  # noqa: ASYNC110 (it counts in another task)
                await asyncio.sleep(0.01)
        assert (await operator.get(f"/_rebuilds/{building['id']}")).json()["state"] == "running"
        again = await operator.post("/_rebuilds", json={"projection": "shelf"})
        assert (again.status_code, again.json()["type"]) == (409, f"{PROBLEMS}/rebuild-running")
    async with world.service() as operator:
        shown = await over(operator, building["id"])
        assert shown["state"] == "done"
        assert await world.shelf() == {note.id: note for note in NOTES}


async def test_one_that_is_cancelled_leaves_the_live_rows_and_nothing_beside_them(world: World) -> None:
    door = Doorkeeper(free=12)
    async with world.service(door) as operator:
        await world.publish(*NOTES)
        await world.shelves({note.id: note for note in NOTES})
        await world.kept(12)
        door.taken = 8
        building = await begun(operator)
        async with asyncio.timeout(60):
            while door.taken <= 12:  # noqa: ASYNC110 (it counts in another task)
                await asyncio.sleep(0.01)
        cancelling = f"/_rebuilds/{building['id']}/cancel"
        assert (await operator.post(cancelling)).status_code == 204
        door.open.set()
        assert (await over(operator, building["id"]))["state"] == "cancelled"
        assert (await operator.post(cancelling)).status_code == 204
        assert await world.shelf() == {note.id: note for note in NOTES}
    store = await EntityStore.open(world.settings["DATABASE_URL"], service="shelf")
    database = store.system_database("test")
    left = [
        await database.read(f"SELECT 1 FROM {table} WHERE {column} LIKE '%~%'")
        for table, column in (("entities", "discriminator"), ("inbox", "rule"), ("places", "consumer"))
    ]
    assert left == [[], [], []]
    await store.close()


async def test_what_is_asked_for_wrongly_is_refused(world: World) -> None:
    async with world.service() as operator:
        unknown = await operator.post("/_rebuilds", json={"projection": "cellar"})
        assert (unknown.status_code, unknown.json()["type"]) == (404, f"{PROBLEMS}/unknown-projection")
        assert (await operator.get("/_rebuilds/none")).status_code == 404
        assert (await operator.post("/_rebuilds/none/cancel")).status_code == 404
        somebody = operator.signed_in("ada", roles=("customer",))
        assert (await somebody.post("/_rebuilds", json={"projection": "shelf"})).status_code == 403
        empty = await begun(operator)
        async with asyncio.timeout(60):
            while not (shown := (await operator.get(f"/_rebuilds/{empty['id']}")).json())["error"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert "the lake is empty" in shown["error"]
        assert shown["state"] == "running"


async def test_of_two_processes_one_works_at_it_and_the_swap_is_for_who_still_does(store_url: str) -> None:
    clock, hub = TestClock(), InMemoryHub()
    store = await EntityStore.open(store_url, service="shelf", clock=clock)
    listener = shelving(Doorkeeper())
    async with store.system_unit_of_work("live") as uow:
        await uow.put(SHELVED, "n0", Note("n0", "bob", text="live"), owner="bob")
        await uow.commit()
    await hub.emit(Event("note.changed", "n1", Note("n1", "bob")), service="notes")
    one, other = RebuildLog(store, "one"), RebuildLog(store, "other")

    def rebuild(log: RebuildLog, building: Building) -> Rebuild:
        return Rebuild(
            listener, store, building.id, rules=["shelve"], kinds=[SHELVED],
            with_swap=lambda: [log.swapping(building.id)],
        )  # fmt: skip

    async def live() -> list[str]:
        async with store.system_unit_of_work("test") as uow:
            return [stored.key.pk for stored in (await uow.query(SHELVED)).items]

    begun = await one.begin("shelf", "hub", "grace")
    assert begun is not None
    assert await other.begin("shelf", "hub", "grace") is None
    building = await one.claim()
    assert building is not None
    assert building.id == begun.id
    assert await other.claim() is None, "the one is at it"
    clock.advance(seconds=LEASE_MS / 1000 + 1)
    assert await other.claim() is not None, "the one has died"
    assert not await one.went_on(building.id, 1)
    with pytest.raises(ExpectationFailed):
        await rebuild(one, building).run(past_of(hub))
    assert await live() == ["n0"]
    await rebuild(other, building).run(past_of(hub))
    assert await live() == ["n1"]
    assert not await other.cancel(building.id), "too late"
    swapped = await other.claim()
    assert swapped is not None
    await other.end(swapped)
    assert [(shown.state, shown.ended_at) for shown in await one.list()] == [("done", clock())]
    await store.close()

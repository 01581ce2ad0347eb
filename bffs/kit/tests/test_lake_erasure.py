"""Erasing a person: what is personal is gone from the lake and the hub, and all else is as it was. Both key stores."""

import asyncio
import dataclasses
import json
import re
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import nats
import pytest
from nats.js.errors import NotFoundError

from bffs.kit.tests.lake_world import (
    NOON,
    NOTE,
    NOTE_SCHEMA,
    STREAM,
    LakeWorld,
    Note,
    lake_world,
    message,
    schemas,
    told,
)  # fmt: skip
from bffs.kit.tests.store_world import nats_server
from portico.bff import EntityStore, Listener, ReceivedEvent, UnitOfWork
from portico.bff.hub import Message, NatsHub
from portico.bff.intake import Intake
from portico.bff.nats_stream import STREAM as HUB_STREAM
from portico.lake.erasure import PURGE_AFTER_MS, erase, purge
from portico.lake.errors import LakeDamaged, UnsupportedLake
from portico.lake.hub_reader import identity, stream_info
from portico.lake.log import EPOCH
from portico.lake.personal import personal_fields
from portico.lake.row import read
from portico.lake.schemas import Schemas
from portico.lake.sealing import seal
from portico.lake.table import open_parquet

ADA = Note(
    "n1", "ada", text="her secret", nickname="Countess", colour="blue", readers=[{"name": "Mary", "since": 1833}]
)
BOB = Note("n2", "bob", text="his secret", colour="grey", helper="ada", advice="count on it")


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[LakeWorld]:
    async with lake_world(tmp_path, keys_url=database_url) as world:
        yield world


async def keep(world: LakeWorld, *published: Message, first: int = 1, known: Schemas | None = None) -> None:
    rows = [read(message(n, one), EPOCH + n) for n, one in enumerate(published, first)]
    sealed = await seal(rows, known or schemas(), world.keys)
    world.lake.append(sealed, sealed[-1].position, STREAM)


async def data(world: LakeWorld, *, opened: bool = True) -> list[dict[str, Any]]:
    return [json.loads(row.envelope)["data"] for row in await world.all(opened=opened)]


def stored_bytes(world: LakeWorld) -> bytes:
    """All that the lake's files hold, uncompressed."""
    rows: list[object] = []
    for name in world.lake.snapshot.files:
        rows += open_parquet(name, world.storage.get(name)).read().to_pylist()
    return repr(rows).encode()


async def test_what_is_personal_is_never_stored_in_the_clear(world: LakeWorld) -> None:
    await keep(world, told(ADA, actor="ada"), told(BOB, actor="carol"))
    found = stored_bytes(world)
    for personal in (b"bob", b"carol", b"secret", b"Countess", b"Mary", b"count on it"):
        assert personal not in found
    assert re.search(rb"\bada\b", found) is None  # within a word they are three digits of an id
    assert b"blue" in found
    assert b"1833" in found


async def test_with_the_keys_an_event_is_as_it_was_and_without_it_is_a_valid_one(world: LakeWorld) -> None:
    published = [told(ADA, actor="ada"), told(BOB)]
    await keep(world, *published)
    assert [json.loads(row.envelope) for row in await world.all()] == [json.loads(one.body) for one in published]
    closed = await data(world, opened=False)
    for one in closed:
        jsonschema.validate(one, NOTE_SCHEMA)
    assert closed == [
        {"id": "n1", "owner": "", "text": "", "colour": "blue", "readers": [{"name": "", "since": 1833}]},
        {"id": "n2", "owner": "", "text": "", "colour": "grey", "advice": "(erased)"},
    ]


async def test_erasing_a_person_leaves_all_others(world: LakeWorld) -> None:
    await keep(world, told(ADA, actor="ada"), told(BOB))
    assert await erase("ada", world.lake, world.keys) == 2
    first, second = await world.all()
    ada, bob = json.loads(first.envelope), json.loads(second.envelope)
    assert "actor" not in ada
    assert (ada["data"]["owner"], ada["data"]["text"], ada["data"]["colour"]) == ("", "", "blue")
    assert "nickname" not in ada["data"]
    assert (bob["data"]["owner"], bob["data"]["text"], bob["data"]["advice"]) == ("bob", "his secret", "(erased)")
    assert await erase("ada", world.lake, world.keys) == 0
    assert await erase("nobody", world.lake, world.keys) == 0


async def test_what_happened_before_stays_erased_and_what_happens_later_is_kept(world: LakeWorld) -> None:
    await keep(world, told(ADA))
    await erase("ada", world.lake, world.keys)
    late = told(msgspec.structs.replace(ADA, text="late"), at=NOON - 5)
    new = told(msgspec.structs.replace(ADA, text="new"), at=NOON + 5)
    await keep(world, late, new, first=2)
    assert [one["text"] for one in await data(world)] == ["", "", "new"]
    assert b"late" not in stored_bytes(world)


async def test_erasing_again_reaches_what_came_after(world: LakeWorld) -> None:
    await keep(world, told(ADA))
    await erase("ada", world.lake, world.keys)
    await keep(world, told(msgspec.structs.replace(ADA, text="new"), at=NOON + 5), first=2)
    world.clock.at = NOON + 10
    assert await erase("ada", world.lake, world.keys) == 1
    assert [one["text"] for one in await data(world)] == ["", ""]


async def test_without_a_schema_everything_is_the_actors(world: LakeWorld) -> None:
    published = told(ADA, actor="ada")
    await keep(world, published, told(BOB, actor="system:rule r1"), known=Schemas({}))
    assert await data(world, opened=False) == [{}, msgspec.to_builtins(BOB)]
    assert json.loads((await world.all())[0].envelope) == json.loads(published.body)
    await erase("ada", world.lake, world.keys)
    assert (await data(world))[0] == {}


async def test_a_person_that_is_the_subject_is_hidden_under_one_name(world: LakeWorld) -> None:
    published = [told(Note("ada", "ada", text=str(n)), at=NOON + n) for n in range(3)]
    await keep(world, *published)
    closed = await world.all(opened=False)
    assert len({row.subject for row in closed}) == 1
    assert {row.subject for row in closed} == {row.partition_key for row in closed} != {"ada"}
    assert [row.partition for row in closed] == [int(one.subject.rpartition(".")[2]) for one in published]
    assert {row.subject for row in await world.all()} == {"ada"}


async def test_a_box_that_was_changed_or_moved_is_refused(world: LakeWorld) -> None:
    rows = [read(message(1, told(ADA)), EPOCH + 1), read(message(2, told(ADA, at=NOON + 1)), EPOCH + 2)]
    one, two = await seal(rows, schemas(), world.keys)
    world.append([msgspec.structs.replace(one, boxes=two.boxes)])
    with pytest.raises(LakeDamaged, match=one.id):
        await world.all()


async def test_the_key_is_not_left_in_the_database_file(tmp_path: Path) -> None:
    async with lake_world(tmp_path) as world:
        await keep(world, told(ADA))
        (key,) = (await world.keys.of(["ada"])).values()
        await erase("ada", world.lake, world.keys)
    left = [one for one in stored(tmp_path) if one]
    assert left
    assert all(key.key not in one for one in left)


def stored(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.glob("keys.db*")]


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"x-person": "owner"}, "x-person is 'owner'"),
        ({"properties": {"a": {"x-personal": "yes"}}}, "x-personal of a is 'yes'"),
        ({"properties": {"a": {"$ref": "#/$defs/b"}}}, "leads nowhere"),
        ({"properties": {"a": {"$ref": "#"}}}, "refers to itself"),
        ({"allOf": [{"$ref": "#"}]}, "refers to itself"),
        ({"properties": {"a": {"additionalProperties": {"x-personal": True}}}}, "below a/additionalProperties"),
        ({"then": {"properties": {"a": {"x-personal": True}}}}, "below then"),
        ({"properties": {"a": {"prefixItems": [{"x-personal": "/b"}]}}}, "below a/prefixItems"),
        (
            {
                "properties": {"a": {"x-personal": True}},
                "anyOf": [{"properties": {"a": {"items": {"x-personal": "/b"}}}}],
            },
            "a/. is marked, and what it is a part of",
        ),
    ],
)
def test_a_mark_that_means_nothing_is_refused_with_its_place(schema: dict[str, Any], said: str) -> None:
    with pytest.raises(UnsupportedLake, match=f"thing.*{said}"):
        personal_fields("thing", schema)


NAMES: dict[str, Any] = {
    "x-person": "/owner",
    "required": ["names"],
    "properties": {
        "names": {"type": "array", "items": {"type": "string", "x-personal": True}},
        "text": {"anyOf": [{"type": "string", "x-personal": True}, {"type": "null"}]},
        "more": {"items": {"items": {"x-personal": True, "x-erased": "-"}}},
    },
}


async def test_a_mark_on_items_or_on_one_of_several_shapes_is_one(world: LakeWorld) -> None:
    body = json.loads(told(Note("n1", "ada")).body)
    body["data"] = said = {"owner": "ada", "names": ["Ada", "Augusta"], "text": "secret", "more": [["a"], ["b", "c"]]}
    published = dataclasses.replace(told(Note("n1", "ada")), body=json.dumps(body))
    await keep(world, published, known=Schemas({NOTE: personal_fields("names", NAMES)}))
    assert await data(world) == [said]
    left = {"owner": "ada", "names": ["", ""], "more": [["-"], ["-", "-"]]}
    assert await data(world, opened=False) == [left]
    assert b"Augusta" not in stored_bytes(world)
    await erase("ada", world.lake, world.keys)
    assert await data(world) == [left]


def test_schemas_are_found_beside_their_services(tmp_path: Path) -> None:
    folder = tmp_path / "notes/schemas"
    folder.mkdir(parents=True)
    (folder / "note.changed.1.json").write_text(json.dumps({**NOTE_SCHEMA, "$id": "https://example.org/note"}))
    (folder / "note.moved.2.json").write_text(json.dumps({**NOTE_SCHEMA, "$id": "urn:portico:notes:note.moved:2"}))
    found = Schemas.read([tmp_path])
    assert NOTE in found
    assert "urn:portico:notes:note.moved:2" in found
    (folder / "note.torn.1.json").write_text("{")
    with pytest.raises(UnsupportedLake, match=r"note\.torn\.1\.json is no JSON Schema"):
        Schemas.read([tmp_path])
    with pytest.raises(UnsupportedLake, match="no folder"):
        Schemas.read([tmp_path / "nowhere"])


def test_schemas_of_installed_services_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, beside = tmp_path / "one/src/installed_notes", tmp_path / "one/schemas"
    for folder in (package / "schemas", beside, tmp_path / "one/src/installed_notes-1.dist-info"):
        folder.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    schema = json.dumps({"type": "object"})
    (package / "schemas/note.packed.1.json").write_text(schema)
    (beside / "note.beside.1.json").write_text(schema)
    points = "[portico.bffs]\nnotes = installed_notes:create_app\n"
    (tmp_path / "one/src/installed_notes-1.dist-info/entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(tmp_path / "one/src")
    found = Schemas.installed()
    assert "urn:portico:notes:note.packed:1" in found
    assert "urn:portico:notes:note.beside:1" in found


async def sequences(server_url: str, wanted: Sequence[int]) -> list[int]:
    client = await nats.connect(server_url)
    found = []
    for sequence in wanted:
        try:
            await client.jetstream().get_msg(HUB_STREAM, sequence)
        except NotFoundError:
            continue
        found.append(sequence)
    await client.close()
    return found


async def test_the_hub_forgets_what_is_erased_when_all_have_had_time_to_read_it(tmp_path: Path) -> None:
    async with nats_server(tmp_path / "nats") as server, lake_world(tmp_path) as world:
        hub = NatsHub(server.url)
        published = [told(ADA), told(BOB), told(Note("n3", "carol"))]
        for one in published:
            await hub.publish(one)
        client = await nats.connect(server.url)
        js = client.jetstream()
        slow = await js.pull_subscribe("evt.>", durable="slow", stream=HUB_STREAM)
        stream = identity(await stream_info(js))
        epoch = world.lake.begin(stream)
        rows = [read(message(n, one), epoch + n) for n, one in enumerate(published, 1)]
        world.lake.append(await seal(rows, schemas(), world.keys), epoch + 3, stream)

        await erase("ada", world.lake, world.keys)
        await (await slow.fetch(1))[0].ack_sync()
        assert await purge(js, world.lake, world.keys) == 0, "others have a week to read it"
        world.clock.at += PURGE_AFTER_MS
        assert await purge(js, world.lake, world.keys) == 1, "the slow one has not read the other"
        assert await sequences(server.url, [1, 2, 3]) == [2, 3]
        for delivered in await slow.fetch(2):
            await delivered.ack_sync()
        assert await purge(js, world.lake, world.keys) == 1
        assert await sequences(server.url, [1, 2, 3]) == [3]
        assert await purge(js, world.lake, world.keys) == 0
        assert [row.position for row in await world.all()] == [epoch + 1, epoch + 2, epoch + 3]
        await client.close()
        await hub.close()


async def test_the_hub_waits_for_a_service_that_has_not_read_what_is_erased(tmp_path: Path) -> None:
    """Its place is in its own store; the hub has no consumer of it while it is down."""
    listener = Listener()

    @listener.on("note.changed", id="read")
    async def read_it(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    async with nats_server(tmp_path / "nats") as server, lake_world(tmp_path) as world:
        hub, store = NatsHub(server.url), await EntityStore.open(f"sqlite:///{tmp_path}/s.db", service="reader")
        intake = Intake(listener, store, hub)
        await intake.tell_places()
        published = [told(ADA), told(BOB), told(Note("n3", "carol"))]
        for one in published:
            await hub.publish(one)
        client = await nats.connect(server.url)
        js = client.jetstream()
        stream = identity(await stream_info(js))
        epoch = world.lake.begin(stream)
        rows = [read(message(n, one), epoch + n) for n, one in enumerate(published, 1)]
        world.lake.append(await seal(rows, schemas(), world.keys), epoch + 3, stream)
        await erase("ada", world.lake, world.keys)
        world.clock.at += PURGE_AFTER_MS
        assert await purge(js, world.lake, world.keys) == 0, "it has read nothing"

        intake.start()
        while len(await store.database.read("SELECT event_id FROM inbox")) < 3:
            await hub.publish(published[1])  # the hub knows it: nothing comes of it but a moment
        assert await purge(js, world.lake, world.keys) == 0, "it has not told that it did"
        removed = 0
        async with asyncio.timeout(60):
            while removed < 2:
                await intake.tell_places()  # it has dealt with the last a moment after its commit
                removed += await purge(js, world.lake, world.keys)
        assert await sequences(server.url, [1, 2, 3]) == [3]
        await intake.stop()
        await client.close()
        await hub.close()
        await store.close()

"""What services say of their events: found, held against what they tell, and described for others."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator

from portico.bff import Event, Listener, ReceivedEvent, UnitOfWork, create_bff
from portico.bff.contracts import asyncapi, read_schema, readings
from portico.bff.errors import DeclarationError
from portico.bff.store import EntityStore
from portico.bff.testing.contracts import EventContracts
from portico.bff.testing.examples import examples_of
from portico.schemas import SchemaFile, SchemaRefused, in_folders, of_service

ROOT = Path(__file__).parents[3]
SPECIFICATION = ROOT / "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"
NOTE = {
    "$id": "urn:portico:notes:note.written:1",
    "title": "A note was written.",
    "type": "object",
    "required": ["id", "at", "parts"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "at": {"type": "string", "format": "date-time"},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
        "length": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]},
        "colour": {"enum": ["red", "blue"]},
        "kept": {"type": "boolean"},
        "weight": {"type": "number"},
    },
    "$defs": {"part": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}},
}


class Part(msgspec.Struct, frozen=True):
    """A piece of text."""

    text: str


class Note(msgspec.Struct, frozen=True):
    """As much of a note as a reader wants."""

    id: str
    at: datetime
    parts: tuple[Part, ...]
    length: int | None = None


class Bare(msgspec.Struct, frozen=True):
    """Less than was promised."""

    id: str


@pytest.fixture(scope="module")
def event_schemas(tmp_path_factory: pytest.TempPathFactory) -> tuple[SchemaFile, ...]:
    """Those of a service of this test alone."""
    folder = tmp_path_factory.mktemp("services")
    write(folder, "note.written.1", NOTE)
    write(folder, "note.written.2", {**NOTE, "$id": "urn:portico:notes:note.written:2"})
    write(folder, "note.torn.1", {"type": "object"})
    return in_folders([folder])


def write(folder: Path, name: str, schema: Any) -> None:
    (folder / "notes/schemas").mkdir(parents=True, exist_ok=True)
    (folder / f"notes/schemas/{name}.json").write_text(schema if isinstance(schema, str) else json.dumps(schema))


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


async def tell(store: EntityStore, *events: Event) -> None:
    async with store.system_unit_of_work("test") as uow:
        for event in events:
            uow.emit(event)
        await uow.commit()


async def test_what_leaves_the_store_is_held_against_its_schema(
    store: EntityStore, event_contracts: EventContracts
) -> None:
    note = Note("n1", datetime.fromisoformat("2026-01-31T12:00:00+00:00"), (Part("a"),), 1)
    await tell(store, Event("note.written", "n1", note))
    assert (event_contracts.checked, event_contracts.broken) == (["urn:portico:notes:note.written:1"], [])
    await tell(store, Event("note.written", "n1", Bare("")), Event("note.burnt", "n1", note))
    found = sorted(event_contracts.broken)
    event_contracts.broken.clear()  # else this test would end as the fixture wants it
    assert found == [
        "notes tells note.burnt and has no schema urn:portico:notes:note.burnt:1",
        "urn:portico:notes:note.written:1 $.id: '' should be non-empty",
        "urn:portico:notes:note.written:1 $: 'at' is a required property",
        "urn:portico:notes:note.written:1 $: 'parts' is a required property",
    ]


async def test_a_service_that_promised_nothing_is_not_asked(store_url: str, event_contracts: EventContracts) -> None:
    store = await EntityStore.open(store_url, service="diary")
    await tell(store, Event("page.turned", "p1", Bare("")))
    await store.close()
    assert event_contracts.checked == []


@pytest.mark.parametrize(
    ("name", "schema", "words"),
    [
        ("note", NOTE, "name it <type>.<version>.json"),
        ("note.written", NOTE, "name it <type>.<version>.json"),
        ("Note.written.1", NOTE, "name it <type>.<version>.json"),
        ("note.written.0", NOTE, "name it <type>.<version>.json"),
        ("note.written.3", NOTE, "it must be 'urn:portico:notes:note.written:3'"),
        ("note.written.1", "[]", "is no JSON Schema"),
        ("note.written.1", "{", "is no JSON Schema"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, name: str, schema: Any, words: str) -> None:
    write(tmp_path, name, schema)
    with pytest.raises(SchemaRefused, match=rf"notes/schemas/{name}\.json.*{words}"):
        in_folders([tmp_path])


def test_the_schemas_of_a_service_are_its_own(event_schemas: tuple[SchemaFile, ...]) -> None:
    found = of_service(event_schemas, "notes")
    assert [one.message for one in found] == ["note.torn/1", "note.written/1", "note.written/2"]
    assert of_service(event_schemas, "others") == ()


def listening() -> Listener:
    listener = Listener()

    @listener.on("note.*", id="all", by=["notes"])
    @listener.on("note.written", id="read", reads=Note)
    @listener.on("page.turned", id="named", by=["books"], reads=Bare)
    @listener.on("page.*", id="unknown", by=["books"])
    async def hear(event: ReceivedEvent, uow: UnitOfWork) -> None:
        """Nothing comes of it."""

    return listener


def heard(service: str, known: Sequence[SchemaFile], listener: Listener | None = None) -> list[str]:
    rules = (listener or listening()).rules
    return sorted(f"{one.rule.id} {one.service} {one.message}" for one in readings(rules, service, known))


def test_a_rule_hears_every_version_of_what_it_means(event_schemas: tuple[SchemaFile, ...]) -> None:
    assert heard("diary", event_schemas) == [
        "all notes note.torn/1", "all notes note.written/1", "all notes note.written/2", "named books page.turned/1",
        "read notes note.written/1", "read notes note.written/2",
    ]  # fmt: skip


def test_its_own_events_are_heard_by_rules_that_say_so_alone(event_schemas: tuple[SchemaFile, ...]) -> None:
    assert heard("notes", event_schemas) == ["named books page.turned/1"]
    listener = Listener()
    listener.on("note.torn", id="own", own=True)(listening().rules[0].handler)
    assert heard("notes", event_schemas, listener) == ["own notes note.torn/1"]


def test_the_schema_of_what_is_read_asks_for_no_more() -> None:
    assert read_schema(Note) == {
        "$ref": "#/$defs/Note",
        "$defs": {
            "Note": {
                "type": "object",
                "required": ["id", "at", "parts"],
                "properties": {
                    "id": {"type": "string"},
                    "at": {"type": "string"},
                    "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
                    "length": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                },
            },
            "Part": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        },
    }


def test_the_document_is_valid_asyncapi_and_leads_nowhere_else(event_schemas: tuple[SchemaFile, ...]) -> None:
    for service in ("diary", "notes"):
        document = asyncapi(service, listening().rules, event_schemas, title="Notes", version="1.0.0")
        document = json.loads(msgspec.json.encode(document))
        jsonschema.Draft7Validator(json.loads(SPECIFICATION.read_text())).validate(document)
        references = list(references_in(document))
        assert references
        for reference in references:
            followed: Any = document
            for step in reference.removeprefix("#/").split("/"):
                followed = followed[step]
        for operation in document["operations"].values():
            channel = operation["channel"]["$ref"]
            assert all(one["$ref"].startswith(f"{channel}/messages/") for one in operation["messages"])


def references_in(part: Any) -> list[str]:
    if isinstance(part, list):
        return [found for one in part for found in references_in(one)]
    if not isinstance(part, dict):
        return []
    own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
    return own + [found for one in part.values() for found in references_in(one)]


def test_the_document_says_who_tells_and_who_reads(event_schemas: tuple[SchemaFile, ...]) -> None:
    document = asyncapi("diary", listening().rules, event_schemas, title="Diary", version="1.0.0")
    assert document["channels"]["notes.note.written"]["address"] == "evt.{region}.notes.note.written.{partition}"
    assert {name: one["action"] for name, one in document["operations"].items()} == {
        "receive.all.notes.note.torn": "receive",
        "receive.all.notes.note.written": "receive",
        "receive.read.notes.note.written": "receive",
        "receive.named.books.page.turned": "receive",
    }
    told = asyncapi("notes", (), event_schemas, title="Notes", version="1.0.0")
    assert sorted(told["operations"]) == ["send.note.torn", "send.note.written"]
    assert len(told["operations"]["send.note.written"]["messages"]) == 2


async def test_a_running_service_describes_its_events(bff_settings: dict[str, str], token_issuer: Any) -> None:
    app = create_bff(bff_settings, listener=listening(), keys=token_issuer.keys(), title="Things", version="3.2.1")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        answer = await client.get("/asyncapi.json")
        assert answer.json()["info"] == {"title": "Things", "version": "3.2.1"}
        again = await client.get("/asyncapi.json", headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
        without = create_bff(bff_settings, store=False, keys=token_issuer.keys())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(without), base_url="http://service") as client:
        assert (await client.get("/asyncapi.json")).status_code == 404


@settings(max_examples=60, deadline=None)
@given(examples_of(NOTE))
def test_examples_are_what_the_schema_lets_through(example: Any) -> None:
    Draft202012Validator(NOTE).validate(example)
    assert msgspec.convert(example, Note, strict=False).id == example["id"]


@pytest.mark.parametrize("schema", [{"oneOf": []}, {"type": "string", "pattern": "a"}, {}, {"type": ["string"]}])
def test_what_examples_cannot_honour_is_refused(schema: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="cannot be made"):
        examples_of(schema)

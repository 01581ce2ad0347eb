"""What the lake's tests share: messages, schemas, and a lake with its keys in a folder."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from portico.bff.events import Event
from portico.bff.hub import Message
from portico.bff.ids import derived_id
from portico.bff.testing.events import told_by
from portico.lake.keys import KeyStore
from portico.lake.lake import Lake
from portico.lake.log import EPOCH
from portico.lake.personal import PersonalFields, personal_fields
from portico.lake.replay import Selection, replay
from portico.lake.row import HubMessage, Row, read
from portico.lake.schemas import Schemas
from portico.lake.storage import FolderStorage, Storage

DAY_MS = 86_400_000
NOON = 1_780_000_000_000 // DAY_MS * DAY_MS + DAY_MS // 2
STREAM = "EVENTS@2026-05-28"

NOTE = "urn:portico:notes:note.changed:1"
NOTE_SCHEMA: dict[str, Any] = {
    "$id": NOTE,
    "type": "object",
    "x-person": "/owner",
    "required": ["id", "owner", "text"],
    "properties": {
        "id": {"type": "string"},
        "owner": {"type": "string", "x-personal": True},
        "text": {"type": "string", "x-personal": True},
        "nickname": {"type": "string", "x-personal": True},
        "colour": {"type": "string"},
        "readers": {
            "type": "array",
            "items": {"$ref": "#/$defs/reader"},
        },
        "helper": {"type": "string", "x-personal": "/helper"},
        "advice": {"type": "string", "x-personal": "/helper", "x-erased": "(erased)"},
    },
    "$defs": {
        "reader": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": {"type": "string", "x-personal": True}, "since": {"type": "integer"}},
        }
    },
}


class Note(msgspec.Struct, omit_defaults=True, frozen=True):
    id: str
    owner: str
    text: str = "hello"
    colour: str = "red"
    nickname: str | None = None
    helper: str | None = None
    advice: str | None = None
    readers: list[dict[str, Any]] = []


@dataclass
class Clock:
    """Tells the time it is set to."""

    at: int = NOON

    def __call__(self) -> int:
        return self.at


def schemas() -> Schemas:
    fields: PersonalFields = personal_fields("note", NOTE_SCHEMA)
    return Schemas({NOTE: fields})


def told(note: Note, *, at: int = NOON, actor: str = "system:test", service: str = "notes") -> Message:
    """The message that the service's trigger publishes."""
    return told_by(service, Event("note.changed", note.id, note), timestamp=at, actor=actor)


def message(sequence: int, published: Message, arrived: int = NOON) -> HubMessage:
    return HubMessage(sequence, published.subject, published.body.encode(), arrived)


def row(sequence: int, *, at: int | None = None, service: str = "notes", id_: int | None = None, epoch: int = 1) -> Row:
    """An event that is nobody's; its id follows from its number and its time."""
    at = NOON + sequence if at is None else at
    note = Note(f"n{sequence}", "system:test")
    published = told(note, at=at, service=service)
    found = read(message(sequence, published), epoch * EPOCH + sequence)
    return msgspec.structs.replace(found, id=derived_id(at, "test", service, str(id_ or sequence)))


@dataclass
class LakeWorld:
    """A lake, its keys and its clock."""

    storage: Storage
    keys: KeyStore
    clock: Clock
    lake: Lake = field(init=False)

    def __post_init__(self) -> None:
        self.lake = self.again()

    def again(self) -> Lake:
        """The lake as another process opens it."""
        return Lake(self.storage, self.clock)

    def append(self, rows: Sequence[Row]) -> int:
        return self.lake.append(rows, max(one.position for one in rows), STREAM)

    async def all(self, selection: Selection | None = None, *, opened: bool = True) -> list[Row]:
        found = replay(self.again(), self.keys if opened else None, selection or Selection())
        return [row async for row in found]


@contextlib.asynccontextmanager
async def lake_world(folder: Path, storage: Storage | None = None, keys_url: str = "") -> AsyncIterator[LakeWorld]:
    clock = Clock()
    keys = await KeyStore.open(keys_url or f"sqlite:///{folder}/keys.db", clock)
    try:
        yield LakeWorld(storage or FolderStorage(folder / "lake"), keys, clock)
    finally:
        await keys.close()


def positions(rows: Iterable[Row]) -> list[int]:
    """The sequences of rows in the hub."""
    return [row.position % EPOCH for row in rows]

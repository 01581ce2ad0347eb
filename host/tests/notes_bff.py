"""A BFF with a store: notes that their owners change, each change an event."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.applications import Starlette

from portico.bff import Call, EntityType, Event, UnitOfWork, create_bff, require
from portico.bff.rest import get, put
from portico.problem import Problem


class Text(msgspec.Struct, forbid_unknown_fields=True):
    """What a note is to say."""

    text: str


class Note(msgspec.Struct, frozen=True):
    """A note as it is."""

    id: str
    text: str


NOTE = EntityType("note", Note)


async def write(call: Call, note_id: str, *, body: Text, uow: UnitOfWork) -> Note:
    """Say something in a note."""
    note = Note(note_id, body.text)
    await uow.get(NOTE, note_id)
    await uow.put(NOTE, note_id, note)
    uow.emit(Event("note.changed", note_id, note))
    return note


async def read(call: Call, note_id: str) -> Note:
    """Read a note."""
    async with call.read() as uow:
        stored = await uow.get(NOTE, note_id)
    if stored is None:
        raise Problem.not_found("There is no such note.")
    return stored.entity


def create_app(settings: Mapping[str, str]) -> Starlette:
    """Build the BFF."""
    return create_bff(
        settings,
        routes=[
            get("/notes/{note_id}", read, access=require(), problems=[404]),
            put("/notes/{note_id}", write, access=require()),
        ],
        title="Notes",
    )

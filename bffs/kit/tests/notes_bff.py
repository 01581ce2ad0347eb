"""A tiny BFF for the kit's tests: notes that people keep for themselves, by REST and by GraphQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import msgspec
import strawberry
from starlette.applications import Starlette

from portico.bff import Call, EntityType, Parts, UnitOfWork, create_bff, new_id, public, require
from portico.bff.graphql import BffSchema, field, mutation
from portico.bff.rest import CacheRule, Reply, delete, get, post
from portico.bff.store import EntityStore
from portico.problem import Problem


class Note(msgspec.Struct):
    """A note."""

    id: str
    text: str


class NewNote(msgspec.Struct, forbid_unknown_fields=True):
    """What a note is made from."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    tags: list[str] = []


class Notes(msgspec.Struct):
    """Some notes."""

    items: list[Note]


class Runs:
    """Counts how often things ran, for tests."""

    def __init__(self) -> None:
        self.count = 0


NOTE = EntityType("note", Note)
Limit = Annotated[int, msgspec.Meta(ge=1, le=100, description="How many at most")]


async def list_notes(call: Call, *, limit: Limit = 20, tag: list[str] | None = None, q: str | None = None) -> Notes:
    """List my notes.

    Newest last.
    """
    call.get(Runs).count += 1
    async with call.read() as uow:
        page = await uow.query(NOTE, limit=limit)
    return Notes([stored.entity for stored in page.items if q is None or q in stored.entity.text])


async def read_note(call: Call, note_id: str) -> Note:
    """Read one of my notes."""
    async with call.read() as uow:
        stored = await uow.get(NOTE, note_id)
    if stored is None:
        raise Problem.not_found("There is no such note.")
    return stored.entity


async def write_note(call: Call, *, body: NewNote, uow: UnitOfWork) -> Reply[Note]:
    """Write a note."""
    call.get(Runs).count += 1
    if body.text == "crash":
        raise RuntimeError("secret of the crash")
    note = Note(new_id(), body.text)
    await uow.put(NOTE, note.id, note)
    if body.text == "refused":
        return Reply(note, status=409)
    if body.text == "moved":
        return Reply(note, status=303, headers={"Location": f"notes/{note.id}"})
    return Reply(note, status=201, headers={"Location": f"notes/{note.id}"})


async def remove_note(call: Call, note_id: str, *, uow: UnitOfWork) -> None:
    """Remove a note."""
    await uow.delete(NOTE, note_id)


async def for_cooks(call: Call) -> dict[str, str]:
    """What only cooks may see."""
    return {"secret": "salt"}


async def with_scope(call: Call) -> dict[str, str]:
    """What only some tokens are for."""
    return {"secret": "pepper"}


async def greeting(call: Call) -> str:
    """Greet anybody."""
    return f"Hello, {call.claims.name}" if call.signed_in else "Hello"


async def page_number(call: Call, number: int) -> int:
    """Tell a number back."""
    return number


ROUTES = [
    get("/notes", list_notes, access=require(), tags=["notes"]),
    post("/notes", write_note, access=require(), status=201, tags=["notes"], problems=[409]),
    get("/notes/{note_id}", read_note, access=require(), problems=[404]),
    delete("/notes/{note_id}", remove_note, access=require(), problems=[404]),
    get("/cooks", for_cooks, access=require(role="cook")),
    get("/scoped", with_scope, access=require(scope="special")),
    get("/greeting", greeting, access=public(), cache=CacheRule(max_age=60, shared=True)),
    get("/numbers/{number}", page_number, access=public()),
]

Info = strawberry.Info[Call, None]


@strawberry.type(name="Note")
class NoteType:
    id: strawberry.ID
    text: str

    @strawberry.field
    def again(self) -> NoteType:
        return self

    @strawberry.field
    def lost(self) -> str | None:
        raise Problem("lost-and-not-found", status=409, detail="It is not there.")


@strawberry.type
class Query:
    @field(require())
    async def notes(self, info: Info, limit: int = 20) -> list[NoteType]:
        info.context.get(Runs).count += 1
        async with info.context.read() as uow:
            page = await uow.query(NOTE, limit=limit)
        return [NoteType(id=strawberry.ID(item.entity.id), text=item.entity.text) for item in page.items]

    @field(require(role="cook"))
    def cooks(self) -> str:
        return "salt"

    @field(public())
    def hello(self, name: str = "you") -> str:
        return f"Hello, {name}"

    @field(public())
    def crash(self) -> str | None:
        raise RuntimeError("secret of the crash")

    @field(public())
    def problem(self) -> str | None:
        raise Problem("kitchen-closed", status=409, detail="We are closed.", extensions={"opens": "10:00"})

    @field(public())
    async def slow(self) -> str:
        await asyncio.sleep(0)
        return "done"


@strawberry.type
class Mutation:
    @mutation(require())
    async def write(self, info: Info, text: str) -> NoteType:
        info.context.get(Runs).count += 1
        note = Note(new_id(), text)
        await info.context.uow.put(NOTE, note.id, note)
        if text == "refused":
            raise Problem("note-refused", status=409, detail="Not this one.")
        if text == "raced":
            async with info.context.get(EntityStore).unit_of_work(info.context.claims) as other:
                await other.put(NOTE, note.id, Note(note.id, "first"))
                await other.commit()
        return NoteType(id=strawberry.ID(note.id), text=note.text)


SCHEMA = BffSchema(query=Query, mutation=Mutation)


@asynccontextmanager
async def runs(_parts: Parts) -> AsyncIterator[Runs]:
    yield Runs()


def create_app(settings: Mapping[str, str], **changes: Any) -> Starlette:
    return create_bff(settings, routes=ROUTES, schema=SCHEMA, parts=[runs], title="Notes", **changes)

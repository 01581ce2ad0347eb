"""Events of a thing that changes, listeners that hear of it, and an intake that does not really pause."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from bffs.kit.tests.store_world import NOTE, Note
from portico.bff import Listener, ReceivedEvent, UnitOfWork
from portico.bff.events import Event
from portico.bff.feeds import Notice
from portico.bff.intake import Intake
from portico.bff.store import EntityStore
from portico.bff.testing.hub import InMemoryHub
from portico.sql import Row


class Thing(msgspec.Struct, frozen=True):
    id: str
    owner: str
    name: str = ""


def thing(name: str = "one", id_: str = "t1", **more: Any) -> Event:
    return Event("thing.changed", id_, Thing(id_, "ada", name), **more)


def remembering() -> Listener:
    """A listener that keeps things as notes, tells their owners, and emits what it did."""
    listener = Listener()

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        thing = event.entity(Thing)
        note = Note(thing.name)
        await uow.fold(NOTE, thing.id, note, owner=thing.owner)
        uow.emit(Event("note.remembered", thing.id, note))
        uow.tell(person=thing.owner, type="notes.note-remembered", data={"id": thing.id})
        uow.notify(thing.owner, Notice("Remembered"))

    return listener


def failing(error: Callable[[], Exception], times: int) -> tuple[Listener, list[str]]:
    """A listener whose rule fails so many times, and what it was called with."""
    listener, calls = Listener(), list[str]()

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        calls.append(event.entity(Thing).name)
        await uow.put(NOTE, event.id, Note(event.entity(Thing).name), owner="ada")
        if len(calls) <= times:
            raise error()

    return listener, calls


class Slept:
    """Counts the pauses instead of making them."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)


def intake(listener: Listener, store: EntityStore, hub: InMemoryHub, slept: Slept | None = None) -> Intake:
    return Intake(listener, store, hub, jitter=lambda: 1.0, sleep=slept or Slept())


async def texts(store: EntityStore) -> list[str]:
    async with store.system_unit_of_work("test") as uow:
        return sorted(stored.entity.text for stored in (await uow.query(NOTE)).items)


async def count(store: EntityStore, table: str) -> int:
    rows: list[Row] = await store.system_database("test").read(f"SELECT count(*) FROM {table}")
    return msgspec.convert(rows[0][0], int)


DEEP = '{"data":' + "[" * 20_000 + "]" * 20_000 + "}"
"""Nested without end: a parser that gives up on it must not give up on the events after it."""

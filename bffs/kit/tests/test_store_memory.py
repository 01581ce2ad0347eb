"""A store that works for long needs no more memory for it."""

from __future__ import annotations

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from bffs.kit.tests.store_world import ADA, NOTE, Note
from portico.bff import ReceivedEvent, new_id
from portico.bff.cause import Cause
from portico.bff.events import Event
from portico.bff.idempotency import idempotent, request_hash
from portico.bff.idempotency_record import StoredResponse
from portico.bff.store import EntityStore
from portico.bff.testing.events import received
from portico.bff.unit_of_work import UnitOfWork

TEN_MINUTES = 600.0
MEBIBYTE = 1 << 20


class Thing(msgspec.Struct, frozen=True):
    name: str


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[EntityStore]:
    store = await EntityStore.open(store_url, service="notes")
    yield store
    await store.close()


def resident() -> int:
    """Bytes of memory that this process has now (proc(5), statm)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def one_round(store: EntityStore) -> None:
    """Sixteen commands at once, a batch of events, reads, a failing command, and a sweep."""

    async def command() -> None:
        key = new_id()

        async def run(uow: UnitOfWork) -> StoredResponse:
            await uow.put(NOTE, key, Note("text"), ttl=1)
            uow.emit(Event("note.written", key, Note("text")))
            return StoredResponse(201, b"{}")

        await idempotent(store, ADA, key, request_hash("POST", "/notes", b"{}"), run)

    await asyncio.gather(*(command() for _ in range(16)))
    events: list[ReceivedEvent] = [received(Event("thing.changed", f"s{n}", Thing("x"))) for n in range(50)]
    causes = [Cause(event, "r1") for event in events]
    async with store.caused_unit_of_work(*causes) as uow:
        for cause in causes:
            uow.turn_to(cause)
            await uow.fold(NOTE, cause.event.subject, Note(cause.event.id), owner="ada")
        await uow.commit()
    async with store.unit_of_work(ADA) as uow:
        await uow.query(NOTE)
        await uow.put(NOTE, new_id(), Note("never committed"))
    await store.sweep()


async def growth(work: Callable[[], Awaitable[None]], more: Callable[[int], bool]) -> int:
    """Bytes by which this process grew while it worked, after a warm-up of 100 rounds."""
    for _ in range(100):
        await work()
    gc.collect()
    before, rounds = resident(), 0
    while more(rounds):
        await work()
        rounds += 1
    gc.collect()
    return resident() - before


async def test_the_objects_of_a_unit_of_work_end_with_it(store: EntityStore) -> None:
    def alive() -> list[object]:
        gc.collect()
        # By their type: a proxy would ask what it stands for, which may be gone.
        return [one for one in gc.get_objects() if issubclass(type(one), UnitOfWork)]

    before = alive()  # kept, for those of other tests may end meanwhile
    for _ in range(5):
        await one_round(store)
    assert len(alive()) == len(before)


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_memory_is_flat_over_ten_minutes(store: EntityStore) -> None:
    until = time.monotonic() + TEN_MINUTES
    grown = await growth(lambda: one_round(store), lambda _: time.monotonic() < until)
    assert grown < 16 * MEBIBYTE

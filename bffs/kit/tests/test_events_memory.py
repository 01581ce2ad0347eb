"""Services that tell and hear for long need no more memory for it: from the commit through the hub into the view."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import apsw
import pytest

from bffs.kit.tests.store_world import ADA, NOTE, Note, nats_server
from bffs.kit.tests.test_store_memory import MEBIBYTE, TEN_MINUTES, growth
from portico.bff import EntityStore, Event, Listener, NatsHub, ReceivedEvent, UnitOfWork
from portico.bff.intake import Intake
from portico.bff.trigger import Trigger

_EVENTS = 40


class Heard:
    """Says when as many events came as were told."""

    def __init__(self) -> None:
        self.left = 0
        self.all = asyncio.Event()

    def expect(self, count: int) -> None:
        self.left = count
        self.all.clear()

    def one(self) -> None:
        self.left -= 1
        if self.left <= 0:
            self.all.set()


def _listener(heard: Heard) -> Listener:
    listener = Listener()

    @listener.on("note.written", id="view")
    async def view(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await uow.fold(NOTE, event.subject, event.entity(Note), owner="ada")
        heard.one()

    return listener


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_memory_is_flat_while_events_flow_for_ten_minutes(tmp_path: Path) -> None:
    heard = Heard()
    async with nats_server(tmp_path / "nats") as server:
        told = await EntityStore.open(f"sqlite:///{tmp_path}/told.db", service="notes")
        seen = await EntityStore.open(f"sqlite:///{tmp_path}/seen.db", service="views")
        out, into = NatsHub(server.url), NatsHub(server.url)
        trigger, intake = Trigger(told, out), Intake(_listener(heard), seen, into)
        trigger.start()
        intake.start()

        async def one_round() -> None:
            heard.expect(_EVENTS)
            async with told.unit_of_work(ADA) as uow:
                for number in range(_EVENTS):
                    uow.emit(Event("note.written", f"n{number}", Note("text")))
                await uow.commit()
            await heard.all.wait()

        pages = apsw.memory_used()
        until = time.monotonic() + TEN_MINUTES
        grown = await growth(one_round, lambda _: time.monotonic() < until)
        used = apsw.memory_used()
        await intake.stop()
        await trigger.stop()
        for hub in (out, into):
            await hub.close()
        for store in (told, seen):
            await store.close()
    # The files grow, and SQLite fills the caches it was given: 16 MiB for each of four connections.
    assert used < 4 * 17 * MEBIBYTE
    assert grown - (used - pages) < 16 * MEBIBYTE

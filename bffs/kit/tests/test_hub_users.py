"""The hub's users as docs/how-to/run-in-production.md writes them: enough for a service, and for no other's events."""

import asyncio
import re
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import nats
import pytest

from bffs.kit.tests.bff_process import ROOT, free_port
from portico.bff import EntityStore, Event, Listener, ReceivedEvent, UnitOfWork
from portico.bff.errors import HubUnavailable
from portico.bff.hub import Message, NatsHub
from portico.bff.intake import Intake
from portico.bff.trigger import Trigger
from portico.lake import readers, watermark
from portico.lake.hub_reader import identity, stream_info

PASSWORDS = ("OPERATOR_PASSWORD", "HOST_PASSWORD", "NOTES_PASSWORD")


class Thing(msgspec.Struct, frozen=True):
    id: str


def documented(folder: Path, port: int) -> Path:
    text = (ROOT / "docs/how-to/run-in-production.md").read_text()
    found = re.search(r"```\n(accounts \{.*?)```", text, re.DOTALL)
    assert found is not None
    users = found[1]
    for name in PASSWORDS:
        users = users.replace(f"${name}", name)
    file = folder / "hub.conf"
    file.write_text(f'listen: "127.0.0.1:{port}"\njetstream {{ store_dir: "{folder}" }}\n{users}')
    return file


@pytest.fixture
async def url_of(tmp_path: Path) -> AsyncIterator[Callable[[str], str]]:
    """The URL of each user of a server that has those of the document."""
    port = free_port()
    command = Path(sys.executable).with_name("nats-server")
    server = await asyncio.create_subprocess_exec(command, "-c", documented(tmp_path, port), stderr=DEVNULL)
    yield lambda name: f"nats://{name}:{name.upper()}_PASSWORD@127.0.0.1:{port}"
    server.terminate()
    await server.wait()


async def test_a_service_needs_no_more_than_its_user_may(tmp_path: Path, url_of: Callable[[str], str]) -> None:
    listener = Listener()

    @listener.on("thing.*", id="t1", own=True)
    async def hear(event: ReceivedEvent, uow: UnitOfWork) -> None: ...

    operator = url_of("operator")
    first, hub = NatsHub(operator), NatsHub(url_of("notes"))
    try:
        store = await EntityStore.open(f"sqlite:///{tmp_path}/first.db", service="first")
        async with asyncio.timeout(30):
            while True:
                try:
                    await Intake(listener, store, first).tell_places()
                    break
                except HubUnavailable:
                    await asyncio.sleep(0.1)  # the server is just starting
        await store.close()
        client = await nats.connect(operator)
        js = client.jetstream()
        stream = identity(await stream_info(js))
        await watermark.tell(js, watermark.Watermark(stream, 0))

        store = await EntityStore.open(f"sqlite:///{tmp_path}/notes.db", service="notes", region="eu")
        async with store.system_unit_of_work("test") as uow:
            uow.emit(Event("thing.made", "a", Thing("a")))
            await uow.commit()
        assert await Trigger(store, hub).publish_waiting() == 1
        intake = Intake(listener, store, hub)
        intake.start()
        async with asyncio.timeout(30):
            while not await store.database.read("SELECT 1 FROM inbox"):  # noqa: ASYNC110 (other tasks write it)
                await asyncio.sleep(0.02)
        await intake.tell_places()
        told = await (await js.key_value(readers.BUCKET)).keys()
        assert sorted(name.split(".")[0] for name in told) == ["first", "notes"]
        state = await hub.lake()
        assert (state and state.stream, state and state.last, state and state.kept) == (stream, 1, 0)
        refused = await asyncio.gather(  # what it may not gets no answer: both wait at once
            hub.publish(Message("evt.eu.other.thing.made.0", "x", "{}")),
            hub.tell_places("other.0", []),
            return_exceptions=True,
        )
        assert [type(one) for one in refused] == [HubUnavailable, HubUnavailable]
        await intake.stop()
        await store.close()
        await client.close()
    finally:
        await hub.close()
        await first.close()


async def test_a_service_can_tell_what_another_has_said_under_its_id(url_of: Callable[[str], str]) -> None:
    first, hub = NatsHub(url_of("operator")), NatsHub(url_of("notes"))
    await published(first, Message("evt.eu.other.thing.made.0", "taken", "{}"))
    for _ in range(2):
        await hub.publish(Message("evt.eu.notes.thing.made.0", "new", "{}"))
    await hub.publish(Message("evt.eu.notes.thing.made.0", "taken", "{}"))
    await hub.close()
    await first.close()
    client = await nats.connect(url_of("operator"))
    state = (await client.jetstream().stream_info("EVENTS", subjects_filter=">")).state
    await client.close()
    assert state.subjects == {"evt.eu.other.thing.made.0": 1, "evt.eu.notes.thing.made.0": 2}


async def published(hub: NatsHub, message: Message) -> None:
    """Publish once the server is there."""
    async with asyncio.timeout(30):
        while True:
            try:
                await hub.publish(message)
                return
            except HubUnavailable:
                await asyncio.sleep(0.1)  # the server is just starting

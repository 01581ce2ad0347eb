"""A session that ends on one replica is over on all: told at once where there is a hub, and never by hearsay alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest
import pytest_asyncio

from host.tests.real_servers import free_ports
from portico.host.live.hub import FeedHub
from portico.host.nats import NatsServer
from portico.host.session_ends import SUBJECT, SessionEnds
from portico.sql import StoreUnavailable

pytestmark = pytest.mark.asyncio(loop_scope="session")

A, B, C = ("a" * 64, "b" * 64, "c" * 64)


class Rows:
    """The sessions that are on, as all replicas see them."""

    def __init__(self) -> None:
        self.on = {A, B, C}
        self.is_there = True
        self.asked: asyncio.Queue[list[str]] = asyncio.Queue()

    async def alive(self, session_ids: Sequence[str]) -> Collection[str]:
        self.asked.put_nowait(list(session_ids))
        if not self.is_there:
            raise StoreUnavailable("away")
        return self.on & set(session_ids)


class Replica:
    """One process, and what it was told."""

    def __init__(self, url: str, rows: Rows) -> None:
        self.ends = SessionEnds(url, alive=rows.alive)
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.ends.listen(self.told.put_nowait)

    async def hears(self) -> Replica:
        async with asyncio.timeout(20):
            await self.ends.hears.wait()
        return self

    async def next_told(self) -> str:
        async with asyncio.timeout(20):
            return await self.told.get()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    server = NatsServer(tmp_path_factory.mktemp("ends"))
    yield await server.start()
    await server.stop()


@asynccontextmanager
async def replicas(url: str, rows: Rows, count: int = 2) -> AsyncIterator[list[Replica]]:
    running = [Replica(url, rows) for _ in range(count)]
    for replica in running:
        replica.ends.start()
    try:
        yield [await replica.hears() for replica in running]
    finally:
        for replica in running:
            await replica.ends.stop()


async def test_every_replica_hears_of_a_session_that_one_ended(hub: str) -> None:
    rows = Rows()
    async with replicas(hub, rows, 3) as [first, *others]:
        rows.on = {B, C}
        first.ends.tell(A)
        assert first.told.get_nowait() == A  # at once, before anybody else
        assert [await other.next_told() for other in others] == [A, A]
        assert first.told.empty()


async def test_many_at_once_are_told_together(hub: str) -> None:
    rows = Rows()
    rows.on = set()
    many = {f"{number:064x}" for number in range(250)}
    async with replicas(hub, rows) as [first, other]:
        for session_id in many:
            first.ends.tell(session_id)
        assert {await other.next_told() for _ in many} == many
        assert rows.asked.qsize() == 3


async def test_hearsay_ends_nothing_that_is_on(hub: str) -> None:
    rows = Rows()
    async with replicas(hub, rows) as [first, other]:
        first.ends.tell(A)  # the row is still there: somebody is wrong
        rows.on = {A, C}
        first.ends.tell(B)
        assert await other.next_told() == B
        assert other.told.empty()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"no JSON",
        b"[]",
        b'{"ids": 5, "sender": "x"}',
        json.dumps({"sender": "x", "ids": ["'; DROP", "A" * 64]}).encode(),
    ],
    ids=["empty", "no JSON", "a list", "no ids", "strange ids"],
)
async def test_a_message_that_is_none_of_ours_does_no_harm(hub: str, message: bytes) -> None:
    rows = Rows()
    async with replicas(hub, rows) as [first, other]:
        stranger = await nats.connect(hub)
        await stranger.publish(SUBJECT, message)
        await stranger.flush()
        await stranger.close()
        rows.on = {B, C}
        first.ends.tell(A)
        assert await other.next_told() == A
        assert [rows.asked.get_nowait() for _ in range(rows.asked.qsize())] == [[A]]


async def test_without_the_rows_nothing_is_believed_and_the_next_message_is_heard(hub: str) -> None:
    rows = Rows()
    async with replicas(hub, rows) as [first, other]:
        rows.on, rows.is_there = {B, C}, False
        first.ends.tell(A)
        async with asyncio.timeout(20):
            await rows.asked.get()
        rows.on, rows.is_there = {C}, True
        first.ends.tell(B)
        assert await other.next_told() == B
        assert other.told.empty()


async def test_a_hub_that_starts_later_is_joined_then(tmp_path: Path) -> None:
    rows = Rows()
    [port] = free_ports(1)  # none that the system gives to somebody's connection while nobody listens on it
    server = NatsServer(tmp_path, port=port)
    url = await server.start()
    await server.stop()
    first, other = Replica(url, rows), Replica(url, rows)
    for replica in (first, other):
        replica.ends.start()
    rows.on = {B, C}
    first.ends.tell(A)
    assert await first.next_told() == A
    again = NatsServer(tmp_path, port=port)
    await again.start()
    try:
        await other.hears()
        await first.hears()
        rows.on = {C}
        first.ends.tell(B)
        heard = {await other.next_told()}
        assert heard <= {A, B}  # what was said before anybody listened may be lost: the rows are asked for that
    finally:
        for replica in (first, other):
            await replica.ends.stop()
        await again.stop()


async def test_without_a_hub_it_is_told_here_alone() -> None:
    alone = Replica("", Rows())
    alone.ends.start()
    alone.ends.tell(A)
    assert alone.told.get_nowait() == A
    await alone.ends.stop()


class LateClient:
    """A connection whose answer comes together with the word to end, which is lost then, as by `asyncio.wait_for`."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def subscribe(self, subject: str, *, cb: object) -> None:
        """Taken."""

    async def flush(self) -> None:
        self.asked.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def test_a_host_ends_though_the_hub_answers_just_then(monkeypatch: pytest.MonkeyPatch) -> None:
    client = LateClient()

    async def connect(self: FeedHub) -> LateClient:
        return client

    monkeypatch.setattr(FeedHub, "connect", connect)
    ends = SessionEnds("nats://127.0.0.1:9", alive=Rows().alive)
    ends.start()
    async with asyncio.timeout(20):
        await client.asked.wait()
        await ends.stop()

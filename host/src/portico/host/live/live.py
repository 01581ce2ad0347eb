"""The live stream, assembled: what is read from the hub goes to who is connected here."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from portico.feed import person_subject, tenant_subject
from portico.host.clock import Clock
from portico.host.live.backlog import READ_ERRORS, Backlog, Backlogs
from portico.host.live.connection import Connection
from portico.host.live.errors import live_unavailable, too_many_streams
from portico.host.live.frame import Cursor, Encoding, Stored, channel_changed, hello
from portico.host.live.hub import FeedHub
from portico.host.live.limits import LiveLimits
from portico.host.live.pulse import Alive, Pulse
from portico.host.live.reader import FeedReader
from portico.host.live.recent import Recent
from portico.host.live.registry import Registry
from portico.host.live.stored import StoredFeeds
from portico.host.tokens import Identity

_CANCEL_EVERY_S = 0.1
_SOON_MS = 1000
_DRAIN_MS = (500, 5000)


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection that hears everything from now on, and what came before."""

    connection: Connection
    backlog: Backlog
    hello: bytes


class Live:
    """The feeds of everybody who is connected to this process. `start` and `stop` may each be called once.

    `alive` tells which of some sessions are still on. `jitter` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        nats_url: str,
        *,
        region: str,
        alive: Alive,
        limits: LiveLimits | None = None,
        clock: Clock = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.limits = limits or LiveLimits()
        self.clock = clock
        self._region = region
        self._jitter = jitter
        self._draining = False
        self._channel: int | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.registry = Registry(streams_each=self.limits.streams_each)
        self._recent = Recent(self.limits)
        self._hub = FeedHub(nats_url, timeout=self.limits.read_timeout_s) if nats_url else None
        if self._hub is not None:
            self._reader = FeedReader(self._hub, self, prefill=self.limits.recent_frames, jitter=jitter)
            self._backlogs = Backlogs(self._hub, self._reader, self._recent, StoredFeeds(self._hub), limits=self.limits)
        self._pulse = Pulse(self.registry, alive=alive, limits=self.limits, clock=clock, jitter=jitter)

    def start(self) -> None:
        """Begin to follow the hub; returns at once, wherever the hub is."""
        if self._hub is not None:
            self._tasks = [
                asyncio.create_task(self._reader.run(), name="live reader"),
                asyncio.create_task(self._pulse.run(), name="live pulse"),
            ]

    async def stop(self) -> None:
        """End every stream and leave the hub."""
        self.drain()
        tasks, self._tasks = set(self._tasks), []
        while tasks:
            for task in tasks:
                task.cancel()
            # Again and again: asyncio.wait_for, which the hub's client uses, can lose a cancellation.
            _, tasks = await asyncio.wait(tasks, timeout=_CANCEL_EVERY_S)
        if self._hub is not None:
            await self._hub.close()

    @property
    def hub_answers(self) -> bool | None:
        """Whether the event hub is connected; `None` when there is none."""
        return None if self._hub is None else self._hub.client is not None

    def drain(self) -> None:
        """Take no new streams, and send everybody elsewhere, not all at the same time."""
        self._draining = True
        first, last = _DRAIN_MS
        for connection in self.registry:
            connection.end("drain", round(first + (last - first) * self._jitter()))

    def end_session(self, session_id: str) -> None:
        """A session is over: so are its streams, and nothing that waits on them is sent any more."""
        for connection in self.registry.of_session(session_id):
            connection.end("session", 0, silent=True)

    def channel_changed(self, revision: int) -> None:
        """The live channel has this revision now: who is connected hears of it, who comes finds it in `hello`."""
        first, self._channel = self._channel is None, revision
        if not first:
            self.flags_changed()

    def flags_changed(self, _changes: int = 0) -> None:
        """Something that a page shows by may be another: who is connected hears the channel's revision, again."""
        if self._channel is not None:
            frame = channel_changed(self._channel)
            for connection in self.registry:
                connection.announce(frame)

    # The audience of the reader.

    def deliver(self, stored: Stored) -> None:
        """Remember a message, and hand it to everybody who hears its feed."""
        self._recent.add(stored)
        self.registry.deliver(stored)

    def begin(self, position: int) -> None:
        """Forget the stream that was: what its clients have is of no use for this one."""
        self._recent.clear(position)
        for connection in self.registry:
            connection.end("epoch", round(_SOON_MS * self._jitter()), silent=True)

    @asynccontextmanager
    async def open(self, person: Identity, after: Cursor | None, encoding: Encoding) -> AsyncIterator[Opened]:
        """A stream of this person's feeds while the block runs, registered before anything stored is read.

        So the backlog ends exactly where the live messages begin. Raises a 429 or 503 problem.
        """
        await self._wait_until_ready()
        if self.registry.is_full(person.sub):
            raise too_many_streams()
        connection = self._connection(person, encoding)
        self.registry.add(connection)
        try:
            backlog = await self.backlog(connection, after)
            yield Opened(connection, backlog, self.hello(backlog.head))
        finally:
            connection.gone()
            self.registry.remove(connection)

    async def backlog(self, connection: Connection, after: Cursor | None) -> Backlog:
        """What a connection has missed up to now; everything later waits in it. Raises a 503 problem."""
        connection.restart()
        upto = self._reader.position
        try:
            async with asyncio.timeout(self.limits.read_timeout_s):
                backlog = await self._backlogs.read(connection.subjects, after, upto)
        except READ_ERRORS as error:
            raise live_unavailable("The feeds cannot be read just now.") from error
        if connection.ended:
            raise live_unavailable("The stream ended before it began.")
        return backlog

    def hello(self, head: int) -> bytes:
        """The frame that tells a client where its feed stands."""
        return hello(
            epoch=self._reader.epoch,
            head=head,
            oldest=self._reader.oldest,
            region=self._region,
            heartbeat_s=self.limits.heartbeat_s,
            channel=self._channel,
        )

    @property
    def epoch(self) -> str:
        """The epoch of the stream that is read now."""
        return self._reader.epoch

    @property
    def position(self) -> int:
        """The seq up to which everything has been handed to who is connected."""
        return self._reader.position

    async def _wait_until_ready(self) -> None:
        if self._hub is None:
            raise live_unavailable("This host has no event hub; see NATS_URL.")
        if self._draining:
            raise live_unavailable("This host is going away.")
        if not self._reader.ready.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.limits.read_timeout_s):
                    await self._reader.ready.wait()
        if not self._reader.ready.is_set():
            raise live_unavailable("The event hub cannot be reached.")

    def _connection(self, person: Identity, encoding: Encoding) -> Connection:
        shortest, longest = self.limits.lifetime_s
        now = self.clock()
        return Connection(
            session_id=person.id,
            sub=person.sub,
            subjects=_subjects(person),
            encoding=encoding,
            epoch=self._reader.epoch,
            limits=self.limits,
            now=now,
            ends_at=now + shortest + (longest - shortest) * self._jitter(),
        )


def _subjects(person: Identity) -> Sequence[str]:
    own = person_subject(person.sub)
    return (own,) if person.tenant is None else (own, tenant_subject(person.tenant))

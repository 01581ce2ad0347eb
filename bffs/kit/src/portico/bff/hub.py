"""The port to the event hub, and its NATS JetStream adapter."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from weakref import WeakSet

import nats
import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import PubAck
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError

import portico.feed
from portico.bff.deliveries import Consumer, Places, Position, Reader
from portico.bff.errors import HubUnavailable
from portico.bff.nats_batch import portions, publish_batch
from portico.bff.nats_client import ReadingClient
from portico.bff.nats_errors import as_hub_unavailable
from portico.bff.nats_reader import NatsReader
from portico.bff.nats_stream import STREAM, EventStream, ensure_stream
from portico.lake import readers, watermark
from portico.lake.errors import LakeUnavailable
from portico.lake.hub_reader import identity, stream_info
from portico.lake.readers import Reached, Reading

_log = logging.getLogger("portico.bff.hub")

_HEADERS: Final = {"Content-Type": "application/cloudevents+json"}


@dataclass(frozen=True, slots=True)
class Message:
    """What is published: a subject, an id that is the same at every attempt, and a body in UTF-8."""

    subject: str
    id: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LakeState:
    """The sequences of the last message in the ``stream`` and of the last one that the event lake has for good."""

    stream: str
    last: int
    kept: int


class Hub(Protocol):
    """The way out for events, and the way in."""

    async def publish(self, message: Message) -> None:
        """Return once the hub has stored the message for good.

        Raises ``HubUnavailable`` when it did not say so; then it may have stored it, and publishing again is harmless.
        """
        ...

    async def publish_batch(self, messages: Sequence[Message]) -> bool:  # noqa: ARG002
        """Return True once the hub has stored these events for good, in this order; False: publish them one by one.

        Then it cannot, or would not: it may know one of them. Raises ``HubUnavailable`` as ``publish`` does.
        """
        return False

    async def read(self, consumer: Consumer, after: Places) -> Reader:
        """Begin to read behind a place; at the oldest message the hub has, when that is of another stream or 0.

        The place is asked for when the hub is there. Raises ``HubUnavailable``, and what asking for the place raises.
        """
        ...

    async def lake(self) -> LakeState | None:
        """How far the hub's stream is, and the lake behind it; None without a lake. Raises ``HubUnavailable``."""
        return None

    async def tell_places(self, reader: str, places: Sequence[tuple[Consumer, Position]]) -> None:  # noqa: ARG002
        """Tell the hub how far this reader is, so that nothing it still has to read is erased there.

        Raises ``HubUnavailable``.
        """
        return

    async def close(self) -> None:
        """Leave the hub."""
        ...


class NatsHub(Hub):
    """A hub on NATS JetStream, reached at ``servers`` (``nats://host:port``, separated by commas).

    Connects when first needed, makes the streams for ``evt.>`` and ``feed.>`` where none holds them yet, and comes back
    by itself after an outage; meanwhile ``publish`` fails fast. ``timeout`` is in seconds, for connecting and for each
    confirmation.
    """

    def __init__(self, servers: str, *, name: str = "portico", timeout: float = 5.0) -> None:
        self._servers = [server.strip() for server in servers.split(",") if server.strip()]
        self._name = name
        self._timeout = timeout
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None
        self._events = EventStream(STREAM)
        self._readers: WeakSet[NatsReader] = WeakSet()
        self._connecting = asyncio.Lock()
        self._closed = False

    async def publish(self, message: Message) -> None:
        """See ``Hub.publish``; the id goes into ``Nats-Msg-Id`` as well.

        The hub takes an id once, whoever says it, and ids follow from what others know: so one that it has already is
        looked at, and where it is another's message, ours goes without.
        """
        stream, body = await self._ready(), message.body.encode()
        headers = {**_HEADERS, **message.headers}
        with self._confirming():
            told = await stream.publish(
                message.subject, body, timeout=self._timeout, headers={**headers, "Nats-Msg-Id": message.id}
            )
            mine = not told.duplicate or told.stream != self._events.name or await _holds(stream, told, message)
            if not mine:
                await stream.publish(message.subject, body, timeout=self._timeout, headers=headers)

    async def publish_batch(self, messages: Sequence[Message]) -> bool:
        """See ``Hub.publish_batch``: atomic batches, where the stream allows them."""
        await self._ready()
        if self._client is None or not self._events.batches:
            return False
        with self._confirming():
            try:
                for portion in portions(messages):
                    # What is behind a refused one must wait for it, or the order of a key would turn round.
                    if not await publish_batch(self._client, portion, _HEADERS, patience=self._timeout):
                        return False
                return True
            except nats.errors.MaxPayloadError:
                return False  # one of them is too large: it is not to hold up the others

    @contextlib.contextmanager
    def _confirming(self) -> Iterator[None]:
        try:
            with as_hub_unavailable("not confirmed"):
                yield
        except HubUnavailable as error:
            if isinstance(error.__cause__, (JetStreamError, nats.errors.NoRespondersError)):
                self._stream = None  # the stream may be gone with the server's disk: look again
            raise

    async def read(self, consumer: Consumer, after: Places) -> Reader:
        """See ``Hub.read``."""
        stream = await self._ready()
        if (client := self._client) is None:
            raise HubUnavailable("the hub is closed")
        place = await after()
        try:
            with as_hub_unavailable("not read"):
                reader = await NatsReader.open(client, stream, self._events.name, consumer, place)
        except HubUnavailable:
            self._stream = None  # it may be gone with the server's disk: look again
            raise
        self._readers.add(reader)
        return reader

    async def lake(self) -> LakeState | None:
        """See ``Hub.lake``."""
        js = await self._ready()
        try:
            # In this order: a lake that is behind may have caught up meanwhile, which does no harm.
            info = await stream_info(js)
            told = await watermark.told(js)
        except LakeUnavailable as error:
            raise HubUnavailable(str(error)) from error
        if told is None or told.stream != identity(info):
            return None
        return LakeState(told.stream, info.state.last_seq, told.sequence)

    async def tell_places(self, reader: str, places: Sequence[tuple[Consumer, Position]]) -> None:
        """See ``Hub.tell_places``."""
        js = await self._ready()
        try:
            info = await stream_info(js)
            made = identity(info)
            parts = tuple(Reached(one.subjects, at.seq if at.stream == made else 0) for one, at in places)
            await readers.tell(js, reader, Reading(made, parts))
        except LakeUnavailable as error:
            raise HubUnavailable(str(error)) from error

    async def close(self) -> None:
        """See ``Hub.close``. Calling it twice is fine."""
        self._closed = True
        async with self._connecting:
            await self._drop()

    async def _ready(self) -> JetStreamContext:
        if self._closed:
            raise HubUnavailable("the hub is closed")
        client, stream = self._client, self._stream
        if client is not None and not client.is_closed and not client.is_connected:
            raise HubUnavailable("the connection is being made anew")  # queueing here would only hide the outage
        if client is not None and stream is not None and client.is_connected:
            return stream
        async with self._connecting:
            if self._stream is None or self._client is None or self._client.is_closed:
                self._stream = await self._connect()
            return self._stream

    async def _connect(self) -> JetStreamContext:
        """Connect where needed, and see to the stream."""
        with as_hub_unavailable("no hub"):
            if self._client is None or self._client.is_closed:
                await self._drop()
                self._client = await self._open()
            stream = self._client.jetstream(timeout=self._timeout)
            self._events = await ensure_stream(stream)
            await portico.feed.ensure_stream(stream)
        return stream

    async def _open(self) -> Client:
        client = ReadingClient()
        try:
            # The endless attempts are meant for later; the client makes them the first time, too, hence our own limit.
            async with asyncio.timeout(self._timeout):
                await client.connect(
                    self._servers,
                    name=self._name,
                    inbox_prefix=portico.feed.inbox_of(self._servers),
                    allow_reconnect=True,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=1,
                    error_cb=_noted,
                    disconnected_cb=self._left,
                    reconnected_cb=_back,
                )
        except BaseException:
            with contextlib.suppress(Exception):
                await client.close()
            raise
        return client

    async def _left(self) -> None:
        if not self._closed:
            _log.warning("the hub is away")
        for reader in self._readers:
            reader.lose()

    async def _drop(self) -> None:
        client, self._client, self._stream = self._client, None, None
        for reader in self._readers:
            reader.lose()
        self._readers.clear()
        if client is not None and not client.is_closed:
            with contextlib.suppress(nats.errors.Error, OSError):
                await client.close()


async def _holds(stream: JetStreamContext, place: PubAck, message: Message) -> bool:
    """Whether it is this message that is there."""
    try:
        there = await stream.get_msg(place.stream, place.seq)
    except NotFoundError:
        return False
    return (there.subject, there.data) == (message.subject, message.body.encode())


async def _noted(error: Exception) -> None:
    _log.debug("nats: %s", error)


async def _back() -> None:
    _log.info("the hub is back")

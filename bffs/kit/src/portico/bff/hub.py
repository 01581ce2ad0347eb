"""The port to the event hub, and its NATS JetStream adapter."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import nats
import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError
from nats.js.errors import Error as JetStreamError

import portico.feed
from portico.bff.cancellation import ends_this_task
from portico.bff.deliveries import Consumer, Delivery
from portico.bff.errors import HubUnavailable
from portico.bff.nats_consumer import PullConsumer

_log = logging.getLogger("portico.bff.hub")

STREAM: Final = "EVENTS"
SUBJECTS: Final = "evt.>"
_DUPLICATES: Final = 120.0  # seconds in which the hub itself drops a repeated id; beyond, consumers do


@dataclass(frozen=True, slots=True)
class Message:
    """What is published: a subject, an id that is the same at every attempt, and a body in UTF-8."""

    subject: str
    id: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Hub(Protocol):
    """The way out for events, and the way in."""

    async def publish(self, message: Message) -> None:
        """Return once the hub has stored the message for good.

        Raises ``HubUnavailable`` when it did not say so; then it may have stored it, and publishing again is harmless.
        """
        ...

    async def receive(self, consumer: Consumer) -> Delivery:
        """Wait for the consumer's next message; one reader at a time in one process. Makes the consumer where needed.

        A new one begins with the oldest message the hub still has. Raises ``HubUnavailable``; then ask again.
        """
        ...

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
        self._events = STREAM  # the name of the stream that holds the events
        self._consumers: dict[str, PullConsumer] = {}
        self._connecting = asyncio.Lock()
        self._closed = False

    async def publish(self, message: Message) -> None:
        """See ``Hub.publish``; the id goes into ``Nats-Msg-Id`` as well."""
        stream = await self._ready()
        headers = {"Content-Type": "application/cloudevents+json", **message.headers, "Nats-Msg-Id": message.id}
        try:
            with _no_foreign_end():
                await stream.publish(message.subject, message.body.encode(), timeout=self._timeout, headers=headers)
        except (nats.errors.Error, JetStreamError, OSError, TimeoutError) as error:
            if isinstance(error, (JetStreamError, nats.errors.NoRespondersError)):
                self._stream = None  # the stream may be gone with the server's disk: look again
            raise HubUnavailable(f"not confirmed: {type(error).__name__} {error}".strip()) from error

    async def receive(self, consumer: Consumer) -> Delivery:
        """See ``Hub.receive``."""
        stream = await self._ready()
        try:
            with _no_foreign_end():
                reader = self._consumers.get(consumer.name)
                if reader is None:
                    client = self._client
                    if client is None:
                        raise HubUnavailable("the hub is closed")
                    reader = await PullConsumer.open(client, stream, self._events, consumer)
                    self._consumers[consumer.name] = reader
                return await reader.next()
        except (nats.errors.Error, JetStreamError, OSError, TimeoutError) as error:
            await self._forget(consumer)
            raise HubUnavailable(f"not received: {type(error).__name__} {error}".strip()) from error
        except HubUnavailable:
            await self._forget(consumer)
            raise

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
        try:
            with _no_foreign_end():
                if self._client is None or self._client.is_closed:
                    await self._drop()
                    self._client = await self._open()
                stream = self._client.jetstream(timeout=self._timeout)
                self._events = await _ensure_stream(stream)
                await portico.feed.ensure_stream(stream)
        except (nats.errors.Error, JetStreamError, OSError, TimeoutError) as error:
            raise HubUnavailable(f"no hub: {type(error).__name__} {error}".strip()) from error
        return stream

    async def _open(self) -> Client:
        client = Client()
        try:
            # The endless attempts are meant for later; the client makes them the first time, too, hence our own limit.
            async with asyncio.timeout(self._timeout):
                await client.connect(
                    self._servers,
                    name=self._name,
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

    async def _forget(self, consumer: Consumer) -> None:
        """Begin anew with a consumer; it, or its stream, may be gone with the server's disk."""
        self._stream = None
        if (reader := self._consumers.pop(consumer.name, None)) is not None:
            await reader.close()

    async def _left(self) -> None:
        if not self._closed:
            _log.warning("the hub is away")
        for reader in self._consumers.values():
            reader.lose()

    async def _drop(self) -> None:
        client, self._client, self._stream = self._client, None, None
        for reader in self._consumers.values():
            reader.lose()
        self._consumers.clear()
        if client is not None and not client.is_closed:
            with contextlib.suppress(nats.errors.Error, OSError):
                await client.close()


async def _ensure_stream(stream: JetStreamContext) -> str:
    """Make the stream unless one takes ``evt.>`` already; return its name. An operator's settings are left alone."""
    try:
        return await stream.find_stream_name_by_subject(SUBJECTS)
    except NotFoundError:
        config = StreamConfig(name=STREAM, subjects=[SUBJECTS], storage=StorageType.FILE, duplicate_window=_DUPLICATES)
        try:
            await stream.add_stream(config)
        except APIError:
            return await stream.find_stream_name_by_subject(SUBJECTS)  # another process was quicker
        return STREAM


@contextlib.contextmanager
def _no_foreign_end() -> Iterator[None]:
    try:
        yield
    except asyncio.CancelledError:
        if ends_this_task():
            raise
        raise HubUnavailable("the connection was lost in the middle of a request") from None


async def _noted(error: Exception) -> None:
    _log.debug("nats: %s", error)


async def _back() -> None:
    _log.info("the hub is back")

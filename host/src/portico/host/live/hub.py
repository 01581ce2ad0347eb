"""The connection to the hub: made when it can be, and made again after every outage."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.errors import Error as JetStreamError

from portico.feed import inbox_of

HUB_ERRORS = (nats.errors.Error, JetStreamError, OSError, TimeoutError)
"""What goes wrong when the hub is away or refuses."""

_CONNECT_S = 5.0
_RECONNECT_S = 1
_PING_S = 10

_logger = logging.getLogger(__name__)


class FeedHub:
    """One connection to NATS, by the name that its operators see. `servers` are URLs, separated by commas."""

    def __init__(self, servers: str, *, timeout: float, name: str = "portico-live") -> None:
        self._servers = [server.strip() for server in servers.split(",") if server.strip()]
        self._timeout = timeout
        self._name = name
        self._client: Client | None = None
        self.lost = asyncio.Event()
        """Set whenever the connection breaks; whoever needs to know clears it."""

    @property
    def client(self) -> Client | None:
        """The connection, when there is one now."""
        client = self._client
        return client if client is not None and client.is_connected else None

    async def connect(self) -> Client:
        """The connection, made where needed; raises one of `HUB_ERRORS`."""
        client = self._client
        if client is not None and not client.is_closed:
            if not client.is_connected:
                raise nats.errors.ConnectionReconnectingError
            return client
        self._client = await self._open()
        return self._client

    def jetstream(self, client: Client) -> JetStreamContext:
        """JetStream on a connection, with this hub's patience."""
        return client.jetstream(timeout=self._timeout)

    async def close(self) -> None:
        """Leave the hub."""
        client, self._client = self._client, None
        if client is not None and not client.is_closed:
            with contextlib.suppress(*HUB_ERRORS):
                await client.close()

    async def _open(self) -> Client:
        client = Client()
        try:
            # The endless attempts are meant for later; the client makes them the first time, too, hence our own limit.
            async with asyncio.timeout(_CONNECT_S):
                await client.connect(
                    self._servers,
                    name=self._name,
                    inbox_prefix=inbox_of(self._servers),
                    allow_reconnect=True,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=_RECONNECT_S,
                    ping_interval=_PING_S,
                    error_cb=_noted,
                    disconnected_cb=self._left,
                )
        except BaseException:
            with contextlib.suppress(Exception):
                await client.close()
            raise
        return client

    async def _left(self) -> None:
        self.lost.set()


async def _noted(error: Exception) -> None:
    _logger.debug("nats: %s", error)

"""Web Push, assembled for the host."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from starlette.routing import Route

from portico.host.clock import Clock
from portico.host.live.hub import FeedHub
from portico.host.push.consumer import PushConsumer
from portico.host.push.endpoint import PushEndpoint
from portico.host.push.hosts import PushHosts
from portico.host.push.sender import PushSender, new_push_client
from portico.host.push.store import Subscriptions
from portico.host.push.vapid import VapidKey
from portico.host.session import RawHeaders, Seal, Session
from portico.host.tokens import HostKeys
from portico.sql import Database

_PATIENCE_S = 5.0
_CANCEL_EVERY_S = 0.1


class Push:
    """Web Push on a database that has `MIGRATIONS`; a context manager. Without a hub, nobody can subscribe."""

    def __init__(
        self,
        nats_url: str,
        *,
        database: Database,
        seal: Seal,
        keys: HostKeys,
        hosts: PushHosts,
        base_url: str,
        identify: Callable[[RawHeaders], Awaitable[Session | None]],
        clock: Clock = time.time,
    ) -> None:
        self._nats_url = nats_url
        self._hosts = hosts
        self._clock = clock
        self._key = VapidKey(keys, base_url=base_url, clock=clock)
        self._subscriptions = Subscriptions(database, seal=seal, clock=clock)
        self._endpoint = PushEndpoint(
            self._subscriptions,
            public_key=self._key.public,
            hosts=hosts,
            base_url=base_url,
            identify=identify,
            is_on=bool(nats_url),
        )
        self._stack = AsyncExitStack()

    @property
    def routes(self) -> list[Route]:
        """For the host's router."""
        return self._endpoint.routes

    async def __aenter__(self) -> Push:
        """Begin to send notices; the hub may come later."""
        if self._nats_url:
            hub = FeedHub(self._nats_url, timeout=_PATIENCE_S, name="portico-push")
            self._stack.push_async_callback(hub.close)
            client = await self._stack.enter_async_context(new_push_client())
            sender = PushSender(client, self._key, self._hosts)
            consumer = PushConsumer(hub, self._subscriptions, sender, clock=self._clock)
            self._stack.push_async_callback(_cancelled, asyncio.create_task(consumer.run(), name="push consumer"))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop; what is not sent is left to the next start, or to another replica."""
        await self._stack.aclose()


async def _cancelled(task: asyncio.Task[None]) -> None:
    while not task.done():
        task.cancel()
        # Again and again: asyncio.wait_for, which the hub's client uses, can lose a cancellation.
        await asyncio.wait([task], timeout=_CANCEL_EVERY_S)

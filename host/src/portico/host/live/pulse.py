"""One timer for all streams: signs of life, ended sessions, lifetimes, and streams that are stuck."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from portico.host.clock import Clock
from portico.host.live.connection import Connection
from portico.host.live.frame import beat
from portico.host.live.limits import LiveLimits
from portico.host.live.registry import SLOTS, Registry
from portico.sql import SqlError

_RETRY_MS = 1000

_logger = logging.getLogger(__name__)


class Alive(Protocol):
    """Knows which sessions are on."""

    async def __call__(self, session_ids: Sequence[str]) -> Collection[str]:
        """Those of these sessions that are on; raises SqlError when the store is unavailable."""


class Pulse:
    """Gives each group of connections its turn, once per heartbeat, the groups spread evenly over it."""

    def __init__(
        self,
        registry: Registry,
        *,
        alive: Alive,
        limits: LiveLimits,
        clock: Clock,
        jitter: Callable[[], float],
        wall_clock: Clock = time.time,
    ) -> None:
        self._registry = registry
        self._alive = alive
        self._limits = limits
        self._clock = clock
        self._jitter = jitter
        self._wall_clock = wall_clock

    async def run(self) -> None:
        """Go round for ever."""
        number = 0
        while True:
            await asyncio.sleep(self._limits.heartbeat_s / SLOTS)
            try:
                await self.turn(number)
            except Exception:
                _logger.exception("A turn of the live pulse failed")
            number = (number + 1) % SLOTS

    async def turn(self, number: int) -> None:
        """Look after one group."""
        connections = self._registry.slot(number)
        if not connections:
            return
        await self._verify(connections)
        now, frame = self._clock(), beat(int(self._wall_clock() * 1000))
        for connection in connections:
            if connection.sending_since is not None:
                if now - connection.sending_since > self._limits.send_timeout_s:
                    connection.cut()
            elif now - connection.verified_at > self._limits.verify_s:
                connection.end("unverified", self._soon(), silent=True)
            elif now >= connection.ends_at:
                connection.end("lifetime", self._soon())
            else:
                connection.beat(frame)

    async def _verify(self, connections: Sequence[Connection]) -> None:
        """End the streams of sessions that are over, whichever replica ended them."""
        wanted = {connection.session_id for connection in connections}
        try:
            alive = await self._alive(sorted(wanted))
        except SqlError as error:
            _logger.warning("Cannot tell which sessions are on: %s", error)
            return
        now = self._clock()
        for connection in connections:
            if connection.session_id in alive:
                connection.verified_at = now
            else:
                connection.end("session", 0, silent=True)

    def _soon(self) -> int:
        return round(_RETRY_MS * self._jitter())

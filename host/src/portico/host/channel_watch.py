"""Notices that the live channel has changed, whichever process changed it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from portico.sql import SqlError, StoreUnavailable

EVERY_S = 1.0
"""How often the store is asked; it is one read of one number."""

_logger = logging.getLogger(__name__)


class ChannelWatch:
    """Calls `changed` with the channel's revision: once at first, then whenever it is another one."""

    def __init__(
        self,
        revision: Callable[[], Awaitable[int]],
        changed: Callable[[int], None],
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._revision = revision
        self._changed = changed
        self._pause = pause
        self._known: int | None = None

    async def look(self) -> None:
        """Ask once; a store that is away has changed nothing."""
        try:
            revision = await self._revision()
        except (SqlError, StoreUnavailable) as error:
            _logger.debug("Cannot tell whether the channel has changed: %s", error)
            return
        if revision != self._known:
            self._known = revision
            self._changed(revision)

    async def run(self) -> None:
        """Ask for ever."""
        while True:
            await self.look()
            await self._pause(EVERY_S)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Ask while the block runs."""
        task = asyncio.create_task(self.run(), name="channel watch")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

"""A lease on a session: whoever holds it, in any process on the database, alone asks the provider for its tokens.

A row that the holder changes every few seconds. Who waits does not compare clocks, which differ between machines: it
takes over a row that it has seen unchanged for a while by its own clock.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from secrets import token_hex
from weakref import WeakValueDictionary

from portico.host.clock import Clock
from portico.sql import Database, SqlError, Statement

DEAD_AFTER_S = 10.0
"""How long a lease must stand still until somebody else takes it: its holder was killed, or is frozen."""
RENEWED_EVERY_S = 2.0

_logger = logging.getLogger(__name__)


class Leases:
    """The leases of all sessions on a database; `clock` is monotonic, `sleep` takes seconds."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._clock = clock
        self._sleep = sleep
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def of(self, session_id: str) -> AsyncIterator[None]:
        """Hold a session's lease while the block runs, however long; raises SqlError when it cannot be had."""
        lock = self._here.setdefault(session_id, asyncio.Lock())  # who is in one process need not ask the database
        async with lock:
            owner = token_hex(16)
            await self._take(session_id, owner)
            renewing = asyncio.create_task(self._renew(session_id, owner))
            try:
                yield
            finally:
                renewing.cancel()
                with suppress(asyncio.CancelledError):
                    await renewing
                await self._release(session_id, owner)

    async def _take(self, session_id: str, owner: str) -> None:
        seen: tuple[object, ...] | None = None
        since = 0.0
        while True:
            rows = await self._database.read(
                "SELECT owner, beat FROM session_lease WHERE session_id = $1", (session_id,)
            )
            if not rows:
                if await self._changed(
                    "INSERT INTO session_lease (session_id, owner, beat) VALUES ($1, $2, 0) "
                    "ON CONFLICT (session_id) DO NOTHING RETURNING owner",
                    session_id,
                    owner,
                ):
                    return
            elif rows[0] != seen:
                seen, since = rows[0], self._clock()
            elif self._clock() - since >= DEAD_AFTER_S and await self._changed(
                "UPDATE session_lease SET owner = $2, beat = 0 "
                "WHERE session_id = $1 AND owner = $3 AND beat = $4 RETURNING owner",
                session_id,
                owner,
                *rows[0],
            ):
                _logger.warning("A lease was taken from a process that has stopped renewing it")
                return
            await self._sleep(random.uniform(0.02, 0.06))  # noqa: S311 (jitter, no secret)

    async def _renew(self, session_id: str, owner: str) -> None:
        while True:
            await self._sleep(RENEWED_EVERY_S)
            try:
                renewed = await self._changed(
                    "UPDATE session_lease SET beat = beat + 1 WHERE session_id = $1 AND owner = $2 RETURNING beat",
                    session_id,
                    owner,
                )
            except SqlError as error:
                _logger.warning("Cannot renew a lease: %s", error)
                continue
            if not renewed:  # what was done under it is kept only if nobody else has changed the tokens
                _logger.warning("A lease was lost: this process must have stood still for a while")
                return

    async def _release(self, session_id: str, owner: str) -> None:
        try:
            await self._database.write(
                [Statement("DELETE FROM session_lease WHERE session_id = $1 AND owner = $2", (session_id, owner))]
            )
        except SqlError as error:
            _logger.warning("Cannot release a lease, which ends by itself: %s", error)

    async def _changed(self, sql: str, *params: str | int | float | bytes | None) -> bool:
        [rows] = await self._database.write([Statement(sql, params)])
        return bool(rows)

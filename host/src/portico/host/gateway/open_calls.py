"""What is open for longer than a moment, so that it ends with the session that it belongs to."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

from portico.sql import SqlError

VERIFY_EVERY_S = 5.0
"""How often the store is asked: a session that ended on another replica closes its streams here within this."""

_REMEMBERED = 1_000
"""Sessions that ended last: a call is noted as open only once it has lasted, and its session may be over by then."""

_logger = logging.getLogger(__name__)


class Alive(Protocol):
    """Knows which sessions are on."""

    async def __call__(self, session_ids: Sequence[str]) -> Collection[str]:
        """Those of these sessions that are on; raises SqlError when the store is unavailable."""


class OpenCalls:
    """Streams, WebSockets and long calls, by session."""

    def __init__(self, alive: Alive) -> None:
        self._alive = alive
        self._open: defaultdict[str, set[Callable[[], None]]] = defaultdict(set)
        self._ended: deque[str] = deque(maxlen=_REMEMBERED)

    @contextmanager
    def opened(self, session_id: str, end: Callable[[], None]) -> Iterator[None]:
        """While this context lasts, `end` is called once the session is over: at once, if it has ended by now."""
        self._open[session_id].add(end)
        try:
            if session_id in self._ended:
                end()
            yield
        finally:
            self._open[session_id].discard(end)
            if not self._open[session_id]:
                del self._open[session_id]

    def end_session(self, session_id: str) -> None:
        """End what belongs to a session, which is over."""
        self._ended.append(session_id)
        for end in tuple(self._open.get(session_id, ())):
            end()

    @asynccontextmanager
    async def verifying(self) -> AsyncIterator[OpenCalls]:
        """While this context lasts, ask the store every few seconds."""
        task = asyncio.create_task(self._verify_for_ever(), name="open calls")
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _verify_for_ever(self) -> None:
        while True:
            await asyncio.sleep(VERIFY_EVERY_S)
            try:
                await self.verify()
            except Exception:
                _logger.exception("Open calls could not be verified")

    async def verify(self) -> None:
        """End what belongs to sessions that are over, whichever replica ended them; nothing when nobody can tell."""
        held = sorted(self._open)
        if not held:
            return
        try:
            alive = await self._alive(held)
        except SqlError as error:
            _logger.warning("Cannot tell which sessions are on: %s", error)
            return
        for session_id in held:
            if session_id not in alive:
                self.end_session(session_id)

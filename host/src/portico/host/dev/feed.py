"""What pages are told: the latest state at once, then every change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

_KEEP_ALIVE_S = 15.0


class Feed:
    """Events by type; of each type that is `kept`, the latest is told to who comes later."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._listeners: set[asyncio.Queue[bytes | None]] = set()

    def tell(self, kind: str, data: Mapping[str, object], *, keep: bool = False, drop: str | None = None) -> None:
        """Send an event to every page; `drop` names a type whose latest is over with this one."""
        event = f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()
        if keep:
            self._kept[kind] = event
        if drop is not None:
            self._kept.pop(drop, None)
        for queue in self._listeners:
            queue.put_nowait(event)

    def close(self) -> None:
        """End every page's stream."""
        for queue in self._listeners:
            queue.put_nowait(None)

    @property
    def listeners(self) -> int:
        """How many pages listen now."""
        return len(self._listeners)

    async def stream(self) -> AsyncIterator[bytes]:
        """One page's events, as `text/event-stream`."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue()
        for event in self._kept.values():
            queue.put_nowait(event)
        self._listeners.add(queue)
        try:
            yield b"retry: 500\n\n"
            while (told := await _next(queue)) is not None:
                yield told
        finally:
            self._listeners.discard(queue)


async def _next(queue: asyncio.Queue[bytes | None]) -> bytes | None:
    try:
        async with asyncio.timeout(_KEEP_ALIVE_S):
            return await queue.get()
    except TimeoutError:
        return b": here\n\n"

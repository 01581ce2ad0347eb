"""What the transports share: the first frames of a stream, and noticing that the client is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

from starlette.types import Receive

from portico.host.live.backlog import Backlog
from portico.host.live.connection import Connection
from portico.host.live.frame import Encoding, reset
from portico.host.live.limits import MIB

_PIECE = MIB // 4


def opening(connection: Connection, hello: bytes, backlog: Backlog, epoch: str, encoding: Encoding) -> Iterator[bytes]:
    """`hello`, then what was missed, as the transport writes it; afterwards the connection goes on from there."""
    yield encoding.control(hello)
    position = backlog.begin
    if backlog.is_reset:
        yield encoding.control(reset(epoch, backlog.head, chained(backlog)))
        position = backlog.head
    else:
        for stored in backlog.frames:
            yield encoding.stored(stored, position)
            position = stored.seq
    if backlog.is_whole:
        connection.position = max(connection.position, position)
    else:
        connection.overflow(backlog.head)


def chained(backlog: Backlog) -> Iterator[bytes]:
    """The JSON of a backlog's frames, each with the one before as its `prev`."""
    position = backlog.begin
    for stored in backlog.frames:
        yield stored.json(position)
        position = stored.seq


def pieces(parts: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that are worth a send each."""
    gathered: list[bytes] = []
    size = 0
    for part in parts:
        gathered.append(part)
        size += len(part)
        if size >= _PIECE:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


@asynccontextmanager
async def until_cut(connection: Connection, listening: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Listen to the client beside the block; when the stream is cut or the client away, the block just ends."""
    listener = asyncio.ensure_future(listening())
    try:
        yield
    except asyncio.CancelledError:
        if not connection.is_cut:
            raise
    except OSError:  # how a server says that nobody is there to take it (ASGI 2.4)
        connection.gone()
    finally:
        listener.cancel()
        # Granian does not close a WebSocket that somebody still receives from.
        await asyncio.wait([listener])


async def until_gone(connection: Connection, receive: Receive) -> None:
    """Return once the client is away; the connection knows it then."""
    while (await receive())["type"] not in {"http.disconnect", "websocket.disconnect"}:
        pass
    connection.gone()

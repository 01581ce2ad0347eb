"""One side of a connection: HTTP/1.1 messages over a socket, followed with h11 and passed on as they come."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeAlias, TypeVar

import h11

Message: TypeAlias = (
    h11.Request | h11.InformationalResponse | h11.Response | h11.Data | h11.EndOfMessage | h11.ConnectionClosed
)
_READ = 64 * 1024
_HEAD_LIMIT = 1024 * 1024
_Value = TypeVar("_Value")
# h11 takes one kind of mistake to be either side's; here both only mean that nothing can be followed any more.
Broken = (h11.ProtocolError, ConnectionError, EOFError)


# Browsers repeat a request by themselves, a POST too, when a kept connection breaks before any answer. After an interim
# answer (RFC 9110, 15.2) they do not, so that every cut is one that the page sees.
_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"


class Cut(Exception):
    """The connection is to break now."""


class Wire:
    """Reads and writes messages. `role` is the side that the proxy plays here: SERVER to clients, CLIENT to servers."""

    def __init__(
        self, role: type[h11.SERVER] | type[h11.CLIENT], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.http = h11.Connection(role, max_incomplete_event_size=_HEAD_LIMIT)
        self.reader = reader
        self.writer = writer

    async def next(self) -> Message | type[h11.PAUSED]:
        """The next event of the other side's message; waits for it."""
        while True:
            event = self.http.next_event()
            if event is h11.NEED_DATA:
                await self.feed()
            else:
                return event  # type: ignore[return-value]

    async def feed(self) -> bool:
        """Wait for bytes and take them in; False when the other side has closed."""
        data = await self.reader.read(_READ)
        self.http.receive_data(data)
        return bool(data)

    async def send(self, event: Message) -> None:
        """Write one event, and wait while the other side is slow to take it."""
        data = self.http.send(event)
        if data:
            self.writer.write(data)
            await self.writer.drain()

    async def send_raw(self, data: bytes) -> None:
        """Write bytes that are no message of h11's."""
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        """Close in good manners, after what was written."""
        self.writer.close()

    async def closed(self) -> None:
        """Return once nothing is left of the connection, however it ended."""
        with suppress(OSError):
            await self.writer.wait_closed()

    def abort(self) -> None:
        """Reset the connection: the other side sees it break, not end (RST, SO_LINGER of 0 s: socket(7))."""
        sock = self.writer.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class ClientWire(Wire):
    """The side of the client, which may leave at any moment."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(h11.SERVER, reader, writer)

    async def unless_gone(self, awaited: Awaitable[_Value]) -> _Value:
        """What is awaited; Cut if the client leaves before that."""
        wish = asyncio.ensure_future(awaited)
        watch = asyncio.ensure_future(self.feed())
        try:
            while not wish.done():
                await asyncio.wait({wish, watch}, return_when=asyncio.FIRST_COMPLETED)
                if watch.done() and not wish.done():
                    if not watch.result():
                        raise Cut
                    watch = asyncio.ensure_future(self.feed())
            return wish.result()
        finally:
            for task in (wish, watch):
                task.cancel()
            await asyncio.gather(wish, watch, return_exceptions=True)

    async def break_off(self, *, repeatable: bool) -> None:
        """Cut; unless it is `repeatable`, in a way that a browser does not mend by itself."""
        if not repeatable:
            await self.send_raw(_INTERIM)
        raise Cut


async def tunnel(one: Wire, other: Wire) -> None:
    """Carry bytes both ways until either side ends: what follows an upgrade (WebSocket) is not HTTP."""
    for source, sink in ((one, other), (other, one)):
        rest, _ = source.http.trailing_data
        if rest:
            await sink.send_raw(rest)
    tasks = [asyncio.create_task(_carry(one, other)), asyncio.create_task(_carry(other, one))]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _carry(source: Wire, sink: Wire) -> None:
    while data := await source.reader.read(_READ):
        await sink.send_raw(data)

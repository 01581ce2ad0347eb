"""The stream as server-sent events."""

from __future__ import annotations

from functools import partial

from starlette.types import Receive, Send

from portico.host.live.delivery import opening, pieces, until_cut, until_gone
from portico.host.live.frame import EVENTS, Cursor
from portico.host.live.live import Live
from portico.host.tokens import Identity

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"vary", b"Cookie"),
    (b"x-accel-buffering", b"no"),  # proxies would keep what must go out at once
]


async def serve(live: Live, person: Identity, after: Cursor | None, receive: Receive, send: Send) -> None:
    """Stream until the client goes, the session ends, or the stream's time is over."""
    async with live.open(person, after, EVENTS) as opened:
        connection = opened.connection

        async def out(body: bytes) -> None:
            connection.sending_since = live.clock()
            await send({"type": "http.response.body", "body": body, "more_body": True})
            connection.sending_since = None

        async with until_cut(connection, partial(until_gone, connection, receive)):
            await send({"type": "http.response.start", "status": 200, "headers": list(_HEADERS)})
            for piece in pieces(opening(connection, opened.hello, opened.backlog, live.epoch, EVENTS)):
                await out(piece)
            del opened  # a backlog is not kept as long as the stream lives
            while not connection.is_gone:
                await connection.ready()
                body = b"".join(connection.take())
                if body:
                    await out(body)
                if connection.ended:
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                    break

"""The long poll: for networks on which no stream gets through, and for one look at what is new."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial

from starlette.responses import Response
from starlette.types import Receive, Send

from portico.host.live.delivery import chained, until_cut, until_gone
from portico.host.live.frame import JSON, Cursor
from portico.host.live.live import Live, Opened
from portico.host.tokens import Identity


async def serve(
    live: Live, person: Identity, after: Cursor | None, receive: Receive, send: Send, *, wait_s: float
) -> None:
    """Answer at once when there is something, else when something comes, or after `wait_s` seconds."""
    async with live.open(person, after, JSON) as opened:
        connection, backlog = opened.connection, opened.backlog
        async with until_cut(connection, partial(until_gone, connection, receive)):
            if wait_s and not backlog.frames and not backlog.is_reset:
                connection.position = backlog.head
                body = await _awaited(live, opened, wait_s)
            else:
                body = _answer(
                    opened.hello, list(chained(backlog)), is_reset=backlog.is_reset, is_whole=backlog.is_whole
                )
            if connection.is_gone:
                return
            headers = {"Cache-Control": "no-store", "Vary": "Cookie"}
            response = Response(body, media_type="application/json", headers=headers)
            await response({"type": "http"}, receive, send)


async def _awaited(live: Live, opened: Opened, wait_s: float) -> bytes:
    """What comes while the client waits."""
    connection = opened.connection
    connection.is_quiet = True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await connection.ready()
    frames, is_whole = connection.take_frames()
    return _answer(live.hello(connection.position), frames, is_reset=False, is_whole=is_whole)


def _answer(hello: bytes, frames: list[bytes], *, is_reset: bool, is_whole: bool) -> bytes:
    return b'{"hello":%b,"frames":[%b],"reset":%b,"more":%b}' % (
        hello,
        b",".join(frames),
        b"true" if is_reset else b"false",
        b"false" if is_whole else b"true",
    )

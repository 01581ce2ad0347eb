"""The stream as messages of a WebSocket, for clients that want to ask on the same connection."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
from starlette.types import Receive, Send

from portico.host.live.connection import Connection
from portico.host.live.delivery import opening, until_cut
from portico.host.live.errors import too_many_pulls
from portico.host.live.frame import JSON, Cursor
from portico.host.live.live import Live
from portico.host.live.pace import Pace
from portico.host.tokens import Identity
from portico.problem import Problem

NORMAL = 1000
TRY_AGAIN_LATER = 1013
POLICY_VIOLATION = 1008


class _Pull(msgspec.Struct, tag_field="type", tag="pull"):
    after: str = ""


async def serve(live: Live, person: Identity, after: Cursor | None, receive: Receive, send: Send) -> None:
    """Stream until the client goes, the session ends, or the stream's time is over."""
    async with live.open(person, after, JSON) as opened:
        connection = opened.connection

        async def out(frame: bytes) -> None:
            connection.sending_since = live.clock()
            await send({"type": "websocket.send", "text": frame.decode()})
            connection.sending_since = None

        await receive()  # websocket.connect
        await send({"type": "websocket.accept"})
        code, reason = NORMAL, ""
        pace = Pace(live.limits.pulls, live.limits.pulls_within_s)
        async with until_cut(connection, partial(_listen, connection, receive, lambda: pace.allows(live.clock()))):
            for frame in opening(connection, opened.hello, opened.backlog, live.epoch, JSON):
                await out(frame)
            del opened
            try:
                await _go_on(live, connection, out)
            except Problem as problem:
                code, reason = TRY_AGAIN_LATER if problem.status >= 500 else POLICY_VIOLATION, problem.type
        if not connection.is_gone:
            await send({"type": "websocket.close", "code": code, "reason": reason})


async def _go_on(live: Live, connection: Connection, out: Callable[[bytes], Awaitable[None]]) -> None:
    """Send what comes until the stream is over; raises the problem of a pull that cannot be answered.

    One pull is answered at a time; of those that come meanwhile, the last.
    """
    while not connection.is_gone:
        await connection.ready()
        if connection.is_pressing:
            raise too_many_pulls()
        if connection.pull is not None:
            await _pull(live, connection, connection.pull, out)
        for frame in connection.take():
            await out(frame)
        if connection.ended:
            return


async def _pull(live: Live, connection: Connection, after: str, out: Callable[[bytes], Awaitable[None]]) -> None:
    """Answer a pull as a new connection is answered: `hello`, and what the client has not."""
    backlog = await live.backlog(connection, Cursor.parse(after) if after else None)
    connection.position = 0
    for frame in opening(connection, live.hello(backlog.head), backlog, live.epoch, JSON):
        await out(frame)


async def _listen(connection: Connection, receive: Receive, may_say: Callable[[], bool]) -> None:
    """Note what the client says until it is away, or says more than it may.

    What is no pull is passed over, as a later version may say more.
    """
    while (message := await receive())["type"] == "websocket.receive":
        if not may_say():
            connection.press()
            return
        said = message.get("text") or message.get("bytes") or ""
        with contextlib.suppress(msgspec.DecodeError, RecursionError):
            connection.ask(msgspec.json.decode(said, type=_Pull).after)
    connection.gone()

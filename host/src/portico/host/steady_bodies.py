"""Bodies must come: one that is begun and not gone on with holds a connection, and costs its sender nothing."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.problem import Problem

PAUSE_S = 10.0
WHOLE_S = 120.0
_NOT_HERE = ("/api/", "/dev-idp/")
"""The gateway sees to its calls itself; the development provider is for one machine."""
_UPLOADS = "/deploy/"
"""May take as long as they go on: who sends them was asked for a token first."""


class SteadyBodiesMiddleware:
    """Answers 408 when the next piece of a body takes longer than `pause_s`, or all of it longer than `whole_s`."""

    def __init__(self, app: ASGIApp, *, pause_s: float = PAUSE_S, whole_s: float = WHOLE_S) -> None:
        self.app = app
        self._pause_s = pause_s
        self._whole_s = whole_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with a body that comes or breaks off."""
        if scope["type"] != "http" or scope["method"] in {"GET", "HEAD"} or scope["path"].startswith(_NOT_HERE):
            await self.app(scope, receive, send)
            return
        body = _Body(receive, self._pause_s, None if scope["path"].startswith(_UPLOADS) else self._whole_s)
        await self.app(scope, body.receive, send)


class _Body:
    def __init__(self, receive: Receive, pause_s: float, whole_s: float | None) -> None:
        self._receive = receive
        self._pause_s = pause_s
        self._ends = None if whole_s is None else asyncio.get_running_loop().time() + whole_s
        self._is_whole = False

    async def receive(self) -> Message:
        """The next piece; raises a 408 problem. After the last one, only the end of the connection can follow."""
        if self._is_whole:
            return await self._receive()
        due = asyncio.get_running_loop().time() + self._pause_s
        try:
            async with asyncio.timeout_at(due if self._ends is None else min(due, self._ends)):
                message = await self._receive()
        except TimeoutError as error:
            raise _too_slow() from error
        self._is_whole = not message.get("more_body", False)
        return message


def _too_slow() -> Problem:
    return Problem(
        "body-too-slow",
        status=408,
        title="The body came too slowly",
        detail="Each piece has 10 s to come, all of it 2 minutes.",
        headers={"Connection": "close"},
    )

"""ASGI middleware that ends a request whose body is too large, announced or not, with a 413 Problem."""

from __future__ import annotations

import asyncio
import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.problem import Problem

_LINGER_BYTES = 8 << 20
_LINGER_S = 1.0


class BodyLimit:
    """Lets at most `limit` bytes of a body through. The Problem is raised where the body is read.

    (Starlette's own middleware answers plain text.)
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] == "http":
            receive = self._limited(scope, receive)
        await self._app(scope, receive, send)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        size = int(announced) if announced.isdigit() else 0
        received = 0

        async def limited() -> Message:
            nonlocal received
            if size <= self._limit:
                message = await receive()
                received += len(message.get("body", b""))
                if received <= self._limit:
                    return message
                if not message.get("more_body", False):
                    raise self._too_large()
            await _read_on(receive)
            raise self._too_large()

        return limited

    def _too_large(self) -> Problem:
        return Problem.of_status(413, f"A body has at most {self._limit} bytes.", headers={"Connection": "close"})


async def _read_on(receive: Receive) -> None:
    """Take some of the rest, and drop it: who is still sending when the connection closes may never see the answer
    (RFC 9112, 9.6), and would try again."""
    left, more = _LINGER_BYTES, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_S):
            while more and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                more = message.get("more_body", False)

"""ASGI middleware that ends a request whose body is too large, announced or not, with a 413 Problem."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.problem import Problem


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
            if size > self._limit:
                raise self._too_large()
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise self._too_large()
            return message

        return limited

    def _too_large(self) -> Problem:
        return Problem.of_status(413, f"A body has at most {self._limit} bytes.", headers={"Connection": "close"})

"""One WebSocket under way through the gateway: bounded messages, and an end when its session ends."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from portico.host.config import GatewayLimits
from portico.host.gateway.answer_check import check_answer
from portico.host.gateway.backend import Backend
from portico.host.gateway.breaker import Breaker
from portico.host.gateway.call import Open
from portico.host.gateway.headers import accept_headers, response_headers
from portico.host.gateway.refusals import backend_timeout, signed_out
from portico.problem import Problem, problem_response

SIGNED_OUT = 4401
"""The close code for a session that has ended (4000 to 4999 are free for use, RFC 6455, 7.4.2)."""
_POLICY_VIOLATION, _TOO_BIG = 1008, 1009
_AHEAD = 16
"""Messages that are read before the BFF asks for them, so that a browser that goes away is noticed."""


class SocketCall:
    """Stands between a browser and a BFF for one WebSocket."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: GatewayLimits) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._limits = limits
        self._inbox: asyncio.Queue[Message] = asyncio.Queue(_AHEAD)
        self._deadline = asyncio.timeout(None)
        self._code: int | None = None
        self._is_gone = False
        self.is_accepted = False
        self._is_over = False

    async def run(self, backend: Backend, scope: Scope, opened: Open, breaker: Breaker, who: str) -> None:
        """Serve until either side ends it, or the session does. Raises a problem before the BFF has accepted."""
        loop = asyncio.get_running_loop()
        self._deadline = asyncio.timeout_at(loop.time() + self._limits.timeout_s)
        self._breaker, self._who = breaker, who
        self._listening = asyncio.create_task(self._listen())
        try:
            async with self._deadline:
                with opened(self.end):
                    await backend(_bounded(scope, self._limits.message_bytes), self._inbox.get, self._give)
        except TimeoutError as error:
            if not self._deadline.expired():
                raise
            await self._cut(error)
        finally:
            self._listening.cancel()

    async def problem(self, problem: Problem) -> None:
        """Refuse the WebSocket with a problem; one that is open is closed."""
        if self._is_over or self._is_gone:
            return
        self._is_over = True
        if not self.is_accepted and "websocket.http.response" in self._scope.get("extensions", {}):
            await problem_response(problem)(self._scope, self._receive, self._send)
            return
        await self._send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": problem.type})

    def end(self) -> None:
        """Close the WebSocket because its session has ended."""
        self._stop(SIGNED_OUT)

    async def _listen(self) -> None:
        """Read ahead of the BFF, as far as there is room; a browser that goes away ends what it left behind."""
        await self._inbox.put({"type": "websocket.connect"})
        while (message := await self._receive())["type"] == "websocket.receive":
            if _size(message) > self._limits.message_bytes:
                self._stop(_TOO_BIG)
                return
            await self._inbox.put(message)
        self._is_gone = True
        # The BFF is told, and has a moment to end by itself what it does for nobody.
        await self._inbox.put(message)
        await asyncio.sleep(self._limits.goodbye_s)
        self._stop(None)

    async def _give(self, message: Message) -> None:
        kind = message["type"]
        if self._is_gone or self._is_over:
            return
        if kind == "websocket.accept":
            await self._accept(message)
        elif kind == "websocket.send" and _size(message) > self._limits.message_bytes:
            self._stop(_TOO_BIG)
        elif kind == "websocket.send":
            self._due(self._limits.read_pause_s)
            await self._send(message)
            self._due(None)
        elif kind == "websocket.http.response.start":
            check_answer(message)
            self._breaker.succeeded()
            await self._send({**message, "headers": response_headers(message.get("headers", []))})
        else:
            self._is_over = kind == "websocket.close" or not message.get("more_body", False)
            await self._last(message)

    async def _accept(self, message: Message) -> None:
        self._breaker.succeeded()
        chosen = message.get("subprotocol")
        if chosen is not None and chosen not in self._scope["subprotocols"]:
            chosen = None  # the browser would break off: it was never offered (RFC 6455, 4.1)
        self.is_accepted = True
        self._due(None)
        headers = accept_headers(message.get("headers", []))
        await self._send({**message, "subprotocol": chosen, "headers": headers})

    async def _last(self, message: Message) -> None:
        """Send what ends the connection. Nobody may be reading from it then: the server would wait for them."""
        self._listening.cancel()
        await asyncio.wait({self._listening})
        await self._send(message)

    def _due(self, within_s: float | None) -> None:
        if not (self._deadline.expired() or self._is_gone) and self._code is None:
            self._deadline.reschedule(None if within_s is None else asyncio.get_running_loop().time() + within_s)

    def _stop(self, code: int | None) -> None:
        if not self._is_over and not self._deadline.expired():
            self._code = code
            self._deadline.reschedule(asyncio.get_running_loop().time())

    async def _cut(self, error: TimeoutError) -> None:
        if self._is_gone or self._is_over:
            return
        if self.is_accepted:
            self._is_over = True
            reason = "signed-out" if self._code == SIGNED_OUT else ""
            await self._last({"type": "websocket.close", "code": self._code or _POLICY_VIOLATION, "reason": reason})
            return
        if self._code is None:
            self._breaker.late(self._who)
            raise backend_timeout() from error
        raise signed_out() from error


def _size(message: Message) -> int:
    text = message.get("text")
    return len(text.encode()) if text is not None else len(message.get("bytes") or b"")


def _bounded(scope: Scope, message_bytes: int) -> dict[str, Any]:
    return {**scope, "extensions": {**scope.get("extensions", {}), "portico.message_bytes": message_bytes}}

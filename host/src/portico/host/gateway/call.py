"""One HTTP call under way: what comes from the browser, what goes back, and what ends it before its time."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import NoReturn

from starlette.types import Message, Receive, Scope, Send

from portico.host.config import GatewayLimits
from portico.host.errors import AnswerBrokenOff, ClientGone
from portico.host.gateway.answer_check import check_answer
from portico.host.gateway.backend import Backend
from portico.host.gateway.breaker import Breaker
from portico.host.gateway.headers import Header, header, response_headers
from portico.host.gateway.refusals import backend_timeout, body_too_large, signed_out
from portico.host.gateway.watch import Watch
from portico.problem import Problem, problem_response

Open = Callable[[Callable[[], None]], contextlib.AbstractContextManager[None]]
"""Notes, while the context is open, that something is to be ended by this when its session ends."""


class _Why(Enum):
    ANSWER = auto()
    BODY = auto()
    READER = auto()
    GONE = auto()
    ENDED = auto()
    REFUSED = auto()


_FINAL = frozenset({_Why.GONE, _Why.ENDED, _Why.REFUSED})


class Call:
    """Stands between a browser and a BFF for one request.

    One deadline serves for all that may end it: a BFF that does not begin to answer, a browser that does not go on
    sending or reading, one that is gone, a session that has ended. The BFF's work is cancelled then, wherever it runs.
    It is set, and the browser listened to, only once the call lasts (`watch`).
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: GatewayLimits, watch: Watch) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._limits = limits
        self._watch = watch
        self._deadline = asyncio.timeout(None)
        self._why = _Why.ANSWER
        self._loop = asyncio.get_running_loop()
        self._ahead: asyncio.Task[Message] | None = None
        self._inbox: deque[Message] = deque()
        self._reading = self._gone = self._whole = self._finished = False
        self._watching: contextlib.ExitStack | None = None
        self._received = 0
        self._began = 0.0
        self._verdict: Problem | None = None
        self._is_event_stream = False
        self.started = False
        self.when_streaming: Callable[[], None] | None = None
        """Called when the answer turns out to be a stream of events, which may last for hours; a problem refuses it."""

    async def run(self, backend: Backend, scope: Scope, opened: Open, breaker: Breaker, who: str) -> None:
        """Have the BFF answer `who`; `opened` notes a call that takes longer as open, `breaker` how the BFF is.

        Raises a problem, `ClientGone`, or what the backend raises.
        """
        self._breaker, self._who, self._opened = breaker, who, opened
        announced = header(scope["headers"], b"content-length")
        if announced is not None and int(announced) > self._limits.body_bytes:
            raise body_too_large(self._limits.body_bytes)
        self._began = self._loop.time()
        self._watch.begin(self)
        try:
            async with self._deadline:
                await backend(scope, self._take, self._give)
        except TimeoutError as error:
            if not self._deadline.expired():
                raise
            await self._cut(error)
        finally:
            self._watch.end(self)
            if self._watching is not None:
                self._watching.close()
            if self._ahead is not None:
                self._ahead.cancel()

    def watch(self) -> None:
        """The call lasts: bound it, and listen for what may end it."""
        self._watching = contextlib.ExitStack()
        self._watching.enter_context(self._opened(self.end))
        if self._why is _Why.ANSWER and not self.started and self._deadline.when() is None:
            self._deadline.reschedule(self._began + self._limits.timeout_s)
        self._read_ahead()

    async def problem(self, problem: Problem) -> None:
        """Answer with a problem, unless an answer is under way: then end it, so that it cannot pass for whole."""
        if self.started:
            raise AnswerBrokenOff(str(problem)) from problem
        await problem_response(problem)(self._scope, self._receive, self._send)

    def end(self) -> None:
        """End the call because its session has ended."""
        self._stop(_Why.ENDED)

    # What comes from the browser

    async def _take(self) -> Message:
        """The next message for the BFF (`receive`): what was read ahead of it, or the next one."""
        if not self._inbox and self._ahead is None:
            self._reading = True
            try:
                return await self._next()
            finally:
                self._reading = False
                if self._watching is not None:
                    self._read_ahead()
        if not self._inbox and self._ahead is not None:
            await asyncio.shield(self._ahead)
        message = self._inbox.popleft()
        self._read_ahead()
        return message

    async def _next(self) -> Message:
        if self._gone:
            return {"type": "http.disconnect"}
        if self._received and not self._whole:  # the next piece of a long body: it has so long to come
            self._due(_Why.BODY, self._limits.body_pause_s)
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._gone = True
            self._stop(_Why.GONE)
            return message
        self._received += len(message.get("body", b""))
        if self._received > self._limits.body_bytes:
            await self._refuse(body_too_large(self._limits.body_bytes))
        self._whole = not message.get("more_body", False)
        # A BFF has its time from here, not from when the browser began: who sends late must not make it look slow.
        if self._why is _Why.BODY or (self._watching is not None and not self.started):
            self._due(_Why.ANSWER, self._limits.timeout_s)
        return message

    def _read_ahead(self) -> None:
        """Listen for what the browser says next while the BFF does not: it may be that it has gone.

        One piece of a body is read ahead; after the last one, only the end of the connection can follow.
        """
        idle = self._ahead is None and not self._reading
        if idle and not (self._gone or self._finished) and (self._whole or not self._inbox):
            self._ahead = asyncio.create_task(self._next())
            self._ahead.add_done_callback(self._came)

    def _came(self, ahead: asyncio.Task[Message]) -> None:
        if ahead.cancelled() or ahead.exception() is not None:
            return  # the BFF meets the error when it asks
        self._ahead = None
        self._inbox.append(ahead.result())
        self._read_ahead()

    # What goes back

    async def _give(self, message: Message) -> None:
        """Pass on a piece of the answer (`send`), cleaned."""
        if message["type"] == "http.response.start":
            clean = await self._head(message)
            self.started = True
            self._breaker.succeeded()
            self._due(_Why.ANSWER, None)
            await self._send({**message, "headers": clean})
        elif message.get("more_body", False):
            self._due(_Why.READER, self._limits.read_pause_s)
            await self._send(message)
            self._due(_Why.READER, None)
        else:
            self._finished = True
            await self._send(message)

    async def _head(self, start: Message) -> list[Header]:
        try:
            check_answer(start)
            clean = response_headers(start.get("headers", []))
            if (header(clean, b"content-type") or "").startswith("text/event-stream"):
                self._is_event_stream = True
                if self.when_streaming is not None:
                    self.when_streaming()
        except Problem as problem:
            await self._refuse(problem)
        return clean

    # What ends it

    async def _refuse(self, problem: Problem) -> NoReturn:
        """End the call with this problem, by cancelling: an exception would go through the BFF, which may answer it."""
        self._verdict = problem
        self._stop(_Why.REFUSED)
        await self._loop.create_future()
        raise AssertionError("unreachable")

    def _due(self, why: _Why, within_s: float | None) -> None:
        if self._why in _FINAL or self._deadline.expired():
            return
        if within_s is None and self._deadline.when() is None:
            return
        now = self._loop.time()
        due = None if within_s is None or (why is _Why.ANSWER and self.started) else now + within_s
        if why is _Why.BODY:
            due = min(due or now, self._began + self._limits.body_s)
        self._why = why
        self._deadline.reschedule(due)

    def _stop(self, why: _Why) -> None:
        if self._finished or self._why in _FINAL or self._deadline.expired():
            return
        self._why = why
        self._deadline.reschedule(self._loop.time())

    async def _cut(self, error: TimeoutError) -> None:
        """Say why the call was ended; what is under way is broken off, but a stream of events just ends."""
        if self._why is _Why.GONE:
            raise ClientGone from error
        if self._why is _Why.ENDED and self.started and self._is_event_stream:
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        raise self._refusal() from error

    def _refusal(self) -> Problem:
        if self._verdict is not None:
            return self._verdict
        if self._why is _Why.ENDED:
            return signed_out()
        is_awaited = (self._reading or self._ahead is not None) and not self._whole and self._is_announced
        if self._why is _Why.BODY or is_awaited:
            return Problem(
                "body-too-slow",
                status=408,
                title="The body came too slowly",
                detail=f"Each piece has {self._limits.body_pause_s:g} s to come, all of it {self._limits.body_s:g}.",
                headers={"Connection": "close"},
            )
        if not self.started:  # else it is the browser that does not read on
            self._breaker.late(self._who)
        return backend_timeout()

    @property
    def _is_announced(self) -> bool:
        """Whether a body may come: in HTTP/1 there is none that no header announces (RFC 9112, 6.3)."""
        headers = self._scope["headers"]
        is_first = self._scope.get("http_version", "1.1").startswith("1")
        return not is_first or any(
            name == b"transfer-encoding" or (name == b"content-length" and value != b"0") for name, value in headers
        )

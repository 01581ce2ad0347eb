"""One call through the gateway: who asks, may they, which BFF, with which token, within which bounds."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Protocol

from starlette.types import Message, Receive, Scope, Send

from portico.host.config import GatewayLimits
from portico.host.errors import AnswerBrokenOff, BackendUnavailable, ClientGone
from portico.host.gateway.backend import Backend
from portico.host.gateway.guard import (
    check_lengths,
    check_method,
    check_path,
    check_person,
    check_same_origin,
    signed_out,
)
from portico.host.gateway.headers import Header, header, request_headers, response_headers
from portico.host.tokens import Identity, SessionOver, TokenSource, TokenUnavailable
from portico.problem import Problem, problem_response

PREFIX = "/api"
RETRY_AFTER_S = "2"
POLICY_VIOLATION = 1008
"""The close code for a WebSocket (RFC 6455, 7.4.1): the API speaks plain HTTP so far."""

_logger = logging.getLogger(__name__)


class Identify(Protocol):
    """Finds the live session behind a request's cookie."""

    async def __call__(self, headers: list[Header]) -> Identity | None:
        """Who is asking; `None` without a live session."""


class Directory(Protocol):
    """Knows where each app's BFF is now."""

    async def backend(self, app: str, identity: Identity, headers: list[Header]) -> Backend | None:
        """The BFF of `app` that answers this person, whose request has these headers.

        `None` when nothing of that name is deployed or it has no BFF.
        """


class Gateway:
    """An ASGI application for everything under `/api/`."""

    def __init__(
        self, *, base_url: str, identify: Identify, tokens: TokenSource, directory: Directory, limits: GatewayLimits
    ) -> None:
        self._base_url = base_url
        self._identify = identify
        self._tokens = tokens
        self._directory = directory
        self._limits = limits
        self._under_way: Counter[Hashable] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call; every refusal is a problem document, never a redirect. A WebSocket is closed at once."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
            return
        answer = _Answer(send)
        try:
            await self._pass(scope, receive, answer)
        except ClientGone:
            return
        except Problem as problem:
            await answer.problem(scope, receive, problem)
        except BackendUnavailable as error:
            _logger.warning("%s", error)
            await answer.problem(scope, receive, _unavailable())
        except SessionOver:
            await answer.problem(scope, receive, signed_out())
        except TokenUnavailable as error:
            _logger.warning("%s", error)
            await answer.problem(scope, receive, _no_token())

    async def _pass(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        check_method(scope["method"])
        check_path(scope["raw_path"])
        check_lengths(scope["headers"])
        identity = await self._identify(scope["headers"])
        if identity is None:
            raise signed_out()
        check_same_origin(scope["method"], scope["headers"], self._base_url)
        check_person(scope["headers"], identity.sub)
        app = scope["path"].removeprefix(PREFIX).lstrip("/").partition("/")[0]
        backend = await self._directory.backend(app, identity, scope["headers"])
        if backend is None:
            raise Problem(
                "unknown-app", status=404, title="Unknown app", detail=f"No app named {app!r} has an API here."
            )
        token = await self._tokens.token_for(identity, audience(app))
        onward = {**scope, "root_path": f"{PREFIX}/{app}", "headers": request_headers(scope["headers"], token)}
        with self._slot(app, self._limits.concurrency), self._slot((app, identity.sub), self._limits.concurrency_each):
            await self._bounded(backend, onward, _limited(scope, receive, self._limits.body_bytes), answer)

    @contextmanager
    def _slot(self, whose: Hashable, limit: int) -> Iterator[None]:
        """Count a call that is under way; 503 when there are `limit` already."""
        if self._under_way[whose] >= limit:
            raise _unavailable("Too many calls to this app are under way.")
        self._under_way[whose] += 1
        try:
            yield
        finally:
            self._under_way[whose] -= 1
            if not self._under_way[whose]:
                del self._under_way[whose]

    async def _bounded(self, backend: Backend, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            # The limit is on the first byte of the answer: a stream may then live as long as it likes.
            async with asyncio.timeout(self._limits.timeout_s) as deadline:
                answer.on_start = lambda: deadline.reschedule(None)
                await backend(scope, receive, answer)
        except TimeoutError as error:
            if answer.started:
                raise
            raise Problem(
                "backend-timeout",
                status=504,
                title="The app's service did not answer in time",
                headers={"Retry-After": RETRY_AFTER_S},
            ) from error


def audience(app: str) -> str:
    """The audience of the tokens for one app's BFF."""
    return f"urn:portico:bff:{app}"


class _Answer:
    """Sends what a BFF answers, cleaned; knows whether anything has gone out yet."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.on_start = _nothing

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            self.on_start()
            message = {**message, "headers": response_headers(message.get("headers", []))}
        await self._send(message)

    async def problem(self, scope: Scope, receive: Receive, problem: Problem) -> None:
        """Answer with a problem, unless an answer is under way: then end it, so that it cannot pass for whole."""
        if self.started:
            raise AnswerBrokenOff(str(problem)) from problem
        await problem_response(problem)(scope, receive, self._send)


def _nothing() -> None:
    pass


def _limited(scope: Scope, receive: Receive, limit: int) -> Receive:
    """`receive`, that raises a 413 problem once the body is larger than `limit` bytes."""
    announced = header(scope["headers"], b"content-length")
    if announced is not None and (not announced.isdigit() or int(announced) > limit):
        raise _too_large(limit)
    seen = 0

    async def receive_limited() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return receive_limited


def _too_large(limit: int) -> Problem:
    return Problem("body-too-large", status=413, title="The body is too large", detail=f"The limit is {limit} bytes.")


def _no_token() -> Problem:
    return Problem(
        "token-unavailable",
        status=503,
        title="The identity provider gives no token for the app's service",
        detail="You are still signed in. Try again in a moment.",
        headers={"Retry-After": RETRY_AFTER_S},
    )


def _unavailable(detail: str = "The app's service cannot be reached.") -> Problem:
    return Problem(
        "backend-unavailable",
        status=503,
        title="The app's service is not available",
        detail=f"{detail} Try again in a moment.",
        headers={"Retry-After": RETRY_AFTER_S},
    )

"""One call through the gateway: who asks, may they, which BFF, with which token, within which bounds."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence
from functools import partial
from typing import Protocol

from starlette.types import Receive, Scope, Send

from portico.host.config import GatewayLimits
from portico.host.errors import BackendUnavailable, ClientGone
from portico.host.gateway.backend import Backend
from portico.host.gateway.breaker import CircuitOpen
from portico.host.gateway.breakers import Breakers
from portico.host.gateway.bulkhead import Bulkhead, Full, Slot, Slots
from portico.host.gateway.call import Call
from portico.host.gateway.guard import (
    check_framing,
    check_lengths,
    check_method,
    check_path,
    check_person,
    check_same_origin,
    check_socket,
)
from portico.host.gateway.headers import Header, request_headers, socket_headers
from portico.host.gateway.open_calls import OpenCalls
from portico.host.gateway.rate import Rate
from portico.host.gateway.refusals import no_token, signed_out, unavailable, unknown_app
from portico.host.gateway.socket_call import SocketCall
from portico.host.gateway.traceparent import traced
from portico.host.gateway.watch import Watch
from portico.host.tokens import Identity, SessionOver, TokenSource, TokenUnavailable
from portico.problem import Problem

PREFIX = "/api"
WATCH_AFTER_S = 0.25
"""A call that lasts longer is bounded, and watched for its browser going away."""

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
    """An ASGI application for everything under `/api/`.

    `open_calls` ends what belongs to a session with it; `rate` is how often one person may call.
    """

    def __init__(
        self,
        *,
        base_url: str,
        identify: Identify,
        tokens: TokenSource,
        directory: Directory,
        limits: GatewayLimits,
        open_calls: OpenCalls | None = None,
        breakers: Breakers | None = None,
        rate: Rate | None = None,
    ) -> None:
        self._base_url = base_url
        self._identify = identify
        self._tokens = tokens
        self._directory = directory
        self._limits = limits
        self._open_calls = OpenCalls(_all_alive) if open_calls is None else open_calls
        self._breakers = breakers or Breakers(time.monotonic)
        self._rate = rate or Rate("person", 0, time.monotonic)
        self._bulkhead = Bulkhead()
        self._watch = Watch(min(WATCH_AFTER_S, limits.timeout_s / 4))  # before its time is over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call, or serve one WebSocket; every refusal is a problem document, never a redirect."""
        call: Call | SocketCall
        if scope["type"] == "websocket":
            await receive()  # websocket.connect
            call = SocketCall(scope, receive, send, self._limits)
        else:
            call = Call(scope, receive, send, self._limits, self._watch)
        try:
            await self._pass(scope, call)
        except ClientGone:
            return
        except Problem as problem:
            await call.problem(problem)
        except BackendUnavailable as error:
            _logger.warning("%s", error)
            await call.problem(unavailable())
        except (Full, CircuitOpen) as error:
            await call.problem(_busy(error))
        except SessionOver:
            await call.problem(signed_out())
        except TokenUnavailable as error:
            _logger.warning("%s", error)
            await call.problem(no_token())

    async def _pass(self, scope: Scope, call: Call | SocketCall) -> None:
        headers: list[Header] = scope["headers"]
        is_socket = scope["type"] == "websocket"
        check_path(scope["raw_path"])
        check_lengths(headers)
        check_framing(headers)
        if is_socket:
            check_socket(headers, scope["subprotocols"], self._base_url)
        else:
            check_method(scope["method"])
        identity = await self._identify(headers)
        if identity is None:
            raise signed_out()
        if not is_socket:
            check_same_origin(scope["method"], headers, self._base_url)
        check_person(headers, identity.sub)
        self._rate.check(identity.sub, "You have")
        app = scope["path"].removeprefix(PREFIX).lstrip("/").partition("/")[0]
        backend = await self._directory.backend(app, identity, headers)
        if backend is None:
            raise unknown_app(app)
        token = await self._tokens.token_for(identity, audience(app))
        clean = (socket_headers if is_socket else request_headers)(traced(headers), token)
        onward = {**scope, "root_path": f"{PREFIX}/{app}", "headers": clean}
        await self._run(call, backend, onward, identity)

    async def _run(self, call: Call | SocketCall, backend: Backend, scope: Scope, identity: Identity) -> None:
        app, limits = scope["root_path"], self._limits
        if isinstance(call, SocketCall):
            whose = self._streams(app, identity)
        else:
            whose = (app, limits.concurrency), ((app, identity.sub), limits.concurrency_each)
        breaker = self._breakers.of(backend.name)
        with self._bulkhead.slots(*whose) as slots:
            if isinstance(call, Call):
                call.when_streaming = partial(self._go_on_as_stream, slots, app, identity)
            is_probe = breaker.admit(identity.sub)
            try:
                await call.run(backend, scope, partial(self._open_calls.opened, identity.id), breaker, identity.sub)
            except BackendUnavailable:
                breaker.failed(identity.sub)
                raise
            finally:
                if is_probe:
                    breaker.abandoned(identity.sub)

    def _go_on_as_stream(self, slots: Slots, app: str, identity: Identity) -> None:
        """Give the call's place free, and take one of those for what lasts; raises a 503 problem when there is none."""
        try:
            slots.change(*self._streams(app, identity))
        except Full as error:
            raise _busy(error) from error

    def _streams(self, app: str, identity: Identity) -> tuple[Slot, Slot]:
        limits = self._limits
        return (("stream", app), limits.streams), (("stream", app, identity.sub), limits.streams_each)


def audience(app: str) -> str:
    """The audience of the tokens for one app's BFF."""
    return f"urn:portico:bff:{app}"


def _busy(error: Full | CircuitOpen) -> Problem:
    if isinstance(error, CircuitOpen):
        return unavailable("The app's service did not answer the last calls.", retry_after_s=error.retry_after_s)
    return unavailable("Too many calls to this app are under way.")


async def _all_alive(session_ids: Sequence[str]) -> Collection[str]:
    return session_ids

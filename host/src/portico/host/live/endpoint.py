"""`/live`: who may listen, from where, after which cursor, and over which transport."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from portico.host.gateway.guard import check_own_page, check_person
from portico.host.gateway.headers import header
from portico.host.gateway.refusals import other_person, signed_out
from portico.host.live import events, poll, socket
from portico.host.live.frame import Cursor
from portico.host.live.live import Live
from portico.host.session import RawHeaders, Session
from portico.problem import Problem, problem_response
from portico.sql import StoreUnavailable

PATH = "/live"
POLICY_VIOLATION = 1008


class LiveEndpoint:
    """An ASGI application for `/live`: server-sent events, a long poll with `wait`, or a WebSocket."""

    def __init__(
        self, live: Live, *, base_url: str, identify: Callable[[RawHeaders], Awaitable[Session | None]]
    ) -> None:
        self._live = live
        self._base_url = base_url
        self._identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one stream or poll; every refusal is a problem document."""
        is_socket = scope["type"] == "websocket"
        try:
            if is_socket:
                await self._socket(scope, receive, send)
            else:
                await self._http(scope, receive, send)
        except StoreUnavailable as error:
            await _refuse(Problem("store-unavailable", status=503, detail=str(error)), scope, receive, send)
        except Problem as problem:
            await _refuse(problem, scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            raise Problem.of_status(405, headers={"Allow": "GET"})
        query = _query(scope)
        person = await self._person(scope, query)
        check_own_page(scope["headers"], self._base_url)
        after, wait = _cursor(query), _wait(query, self._live.limits.longest_wait_s)
        if wait is None:
            await events.serve(self._live, person, after, receive, send)
        else:
            await poll.serve(self._live, person, after, receive, send, wait_s=wait)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = _query(scope)
        person = await self._person(scope, query)
        if header(scope["headers"], b"origin") != self._base_url:
            raise Problem(
                "cross-site-request",
                status=403,
                title="This call comes from another site",
                detail="A WebSocket is opened by our own pages only.",
            )
        await socket.serve(self._live, person, _cursor(query), receive, send)

    async def _person(self, scope: Scope, query: dict[str, str]) -> Session:
        """Whose stream it is. A WebSocket cannot send `Portico-Person`, so the parameter `person` says the same."""
        person = await self._identify(scope["headers"])
        if person is None:
            raise signed_out()
        check_person(scope["headers"], person.sub)
        if query.get("person", person.sub) != person.sub:
            raise other_person()
        return person


def _query(scope: Scope) -> dict[str, str]:
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))


def _cursor(query: dict[str, str]) -> Cursor | None:
    """Where to go on; `None` (nothing, or an empty text) for a client that has nothing yet."""
    text = query.get("after")
    return Cursor.parse(text) if text else None


def _wait(query: dict[str, str], longest: float) -> float | None:
    """How many seconds a poll may wait; `None` for a stream."""
    text = query.get("wait")
    if text is None:
        return None
    if not text.isdecimal() or not text.isascii() or len(text) > 6:
        raise Problem("invalid-query", status=400, detail="`wait` is a number of seconds.")
    return min(float(text), longest)


async def _refuse(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await problem_response(problem)(scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        await receive()
        await problem_response(problem)(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": problem.type})

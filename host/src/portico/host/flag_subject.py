"""Who flags are evaluated for: the session's person, else the browser that a rollout knows, else nobody known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request

from portico.host.session import RawHeaders, Session
from portico.host.visitors import VisitorCookie, browser_key, person_key
from portico.manifest import Subject


class FlagSubject:
    """Says who is behind a request. `look_up` finds the session without keeping it on: open pages ask by themselves."""

    def __init__(self, *, look_up: Callable[[RawHeaders], Awaitable[Session | None]], visitors: VisitorCookie) -> None:
        self._look_up = look_up
        self._visitors = visitors

    async def __call__(self, request: Request) -> Subject:
        """The person by `sub`, with their roles and tenant; a browser by the id that its cookie holds."""
        person = await self._look_up(request.headers.raw)
        if person is not None:
            attributes = {"tenant": person.tenant}
            return Subject(person.sub, person_key(person), frozenset(person.roles), attributes)
        visitor = self._visitors.read(request.headers.raw)
        key = browser_key(visitor) if visitor else None
        return Subject(key, key, attributes={"tenant": None})

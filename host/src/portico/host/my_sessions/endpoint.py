"""`/auth/sessions`: a person's own sessions, as a page that works without script, and as JSON."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from portico.host.audit.host_audit import HostAudit
from portico.host.gateway.guard import check_own_page
from portico.host.gateway.refusals import signed_out
from portico.host.language import ENGLISH, Language, language_asked
from portico.host.plain import PlainPages
from portico.host.session import RawHeaders, Session
from portico.host.session.cookies import Cookies
from portico.host.session.mine import SHOWN, MySession, MySessions
from portico.host.session.pages import onward_page, refused_form_page
from portico.host.session.settings import SIGN_IN_PATH
from portico.problem import Problem

PATH = "/auth/sessions"
_HEADERS = {"Cache-Control": "no-store", "Vary": "Cookie, Accept"}
_pages = PlainPages("portico.host.my_sessions")


class MySessionsEndpoint:
    """Lists the sessions of who asks, and ends them. `X-Portico` marks calls of script; forms are of this origin."""

    def __init__(
        self,
        mine: MySessions,
        *,
        base_url: str,
        is_secure: bool,
        identify: Callable[[RawHeaders], Awaitable[Session | None]],
        audit: HostAudit,
    ) -> None:
        self._mine = mine
        self._base_url = base_url
        self._cookies = Cookies(secure=is_secure)
        self._identify = identify
        self._audit = audit

    @property
    def routes(self) -> list[Route]:
        """For the host's router."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(f"{PATH}/end-others", self.end_others, methods=["POST"]),
            Route(f"{PATH}/{{id}}", self.end, methods=["DELETE"]),
            Route(f"{PATH}/{{id}}/end", self.end_by_form, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """`{"sessions": [...]}`, or the page when a person asks."""
        is_page = "text/html" in request.headers.get("accept", "")
        if not is_page:
            check_own_page(request.scope["headers"], self._base_url)
        me = await self._identify(request.scope["headers"])
        if me is None:
            if not is_page:
                raise signed_out()
            return _not_signed_in(request)
        sessions = await self._mine.of(me)
        if not is_page:
            return JSONResponse({"sessions": [_json(one) for one in sessions]}, headers=_HEADERS)
        language = language_asked(request)
        response = _pages.response(
            "sessions.html.j2",
            language=language,
            name=me.name,
            path=PATH,
            sessions=[_Line.of(one, language) for one in sessions],
        )
        response.headers["Vary"] = "Accept-Language, Cookie, Accept"
        return response

    async def end(self, request: Request) -> Response:
        """204 when the session is over; 404 when it is nobody's, or somebody else's."""
        check_own_page(request.scope["headers"], self._base_url)
        me = await self._identify(request.scope["headers"])
        if me is None:
            raise signed_out()
        ended = await self._mine.end(me, request.path_params["id"])
        if ended is None:
            raise Problem.not_found("You have no session of this id; GET /auth/sessions lists those you have.")
        await self._note(me, [ended])
        response = Response(status_code=204, headers=_HEADERS)
        if ended.is_this_one:
            self._cookies.clear_session(response)
        return response

    async def end_others(self, request: Request) -> Response:
        """`{"ended": number}`; for a form, back to the page."""
        is_form = "x-portico" not in request.headers
        if not is_form:
            check_own_page(request.scope["headers"], self._base_url)
        elif not self._is_own_form(request):
            return refused_form_page(request)
        me = await self._identify(request.scope["headers"])
        if me is None:
            if not is_form:
                raise signed_out()
            return _not_signed_in(request)
        ended = await self._mine.end_others(me)
        await self._note(me, ended)
        return _back() if is_form else JSONResponse({"ended": len(ended)}, headers=_HEADERS)

    async def end_by_form(self, request: Request) -> Response:
        """Back to the page, which says what is left; a session that is over already is no error there."""
        if not self._is_own_form(request):
            return refused_form_page(request)
        me = await self._identify(request.scope["headers"])
        if me is None:
            return _not_signed_in(request)
        ended = await self._mine.end(me, request.path_params["id"])
        await self._note(me, [ended] if ended else [])
        response = _back()
        if ended is not None and ended.is_this_one:
            self._cookies.clear_session(response)
        return response

    async def _note(self, me: Session, ended: Sequence[MySession]) -> None:
        for one in ended:
            await self._audit.did(me, "revoke", "session", one.id[:SHOWN])

    def _is_own_form(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        return site == "same-origin" if site is not None else request.headers.get("origin") == self._base_url


def _not_signed_in(request: Request) -> Response:
    """On to signing in; but who followed a link from another site may be: the cookie comes with the next request."""
    if request.headers.get("sec-fetch-site") == "cross-site" and request.method == "GET":
        return onward_page(request, "Where you are signed in", PATH)
    return RedirectResponse(f"{SIGN_IN_PATH}?return_to={PATH}", 303, _HEADERS)


def _back() -> Response:
    return RedirectResponse(PATH, 303, _HEADERS)


def _json(one: MySession) -> dict[str, Any]:
    return {
        "id": one.id[:SHOWN],
        "browser": one.browser,
        "createdAt": _Moment.of(one.created_at).iso,
        "lastSeenAt": _Moment.of(one.last_seen_at).iso,
        "isThisOne": one.is_this_one,
    }


@dataclass(frozen=True, slots=True)
class _Moment:
    iso: str
    words: str

    @classmethod
    def of(cls, seconds: int, language: Language = ENGLISH) -> _Moment:
        moment = datetime.fromtimestamp(seconds, UTC)
        # Python names months in English alone; figures are read everywhere.
        day = f"{moment.day} {moment:%B %Y}" if language is ENGLISH else f"{moment:%Y-%m-%d}"
        return cls(f"{moment:%Y-%m-%dT%H:%M:%SZ}", f"{day}, {moment:%H:%M} UTC")


@dataclass(frozen=True, slots=True)
class _Line:
    id: str
    browser: str
    created: _Moment
    seen: _Moment
    is_this_one: bool

    @classmethod
    def of(cls, one: MySession, language: Language) -> _Line:
        created, seen = _Moment.of(one.created_at, language), _Moment.of(one.last_seen_at, language)
        return cls(one.id[:SHOWN], one.browser, created, seen, one.is_this_one)

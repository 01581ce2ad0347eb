"""`/deploy/overrides`: what a developer puts in place of what is live, for the pages of their own session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from portico.host.gateway.guard import check_own_page, check_person
from portico.host.gateway.refusals import signed_out
from portico.host.overrides.cookie import OverrideCookie
from portico.host.overrides.override import Override, Overrides
from portico.host.overrides.rules import OverrideRules
from portico.host.overrides.setting import Setting
from portico.host.session import RawHeaders, Session
from portico.host.session.return_to import HOME, safe_return_to
from portico.problem import Problem, decoded, field_error, malformed

PATH = "/deploy/overrides"
OFF_PATH = f"{PATH}/off"
_LARGEST = 32 * 1024
_HEADERS = {"Cache-Control": "no-store", "Vary": "Cookie"}


class _Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    overrides: dict[str, Override]


class OverrideEndpoint:
    """Read, set and end the overrides of a session. Setting replaces all of them."""

    def __init__(
        self,
        cookie: OverrideCookie,
        rules: OverrideRules,
        setting: Setting,
        *,
        base_url: str,
        identify: Callable[[RawHeaders], Awaitable[Session | None]],
    ) -> None:
        self._cookie = cookie
        self._rules = rules
        self._setting = setting
        self._base_url = base_url
        self._identify = identify

    @property
    def routes(self) -> list[Route]:
        """For the host's router."""
        return [
            Route(PATH, self.read, methods=["GET"]),
            Route(PATH, self.set, methods=["PUT"]),
            Route(PATH, self.end, methods=["DELETE"]),
            Route(OFF_PATH, self.off, methods=["POST"]),
        ]

    async def read(self, request: Request) -> Response:
        """The session's overrides as they apply now: `{"overrides": {...}, "expiresAt": seconds | null}`."""
        person = await self._developer(request)
        overrides = self._cookie.read(request.scope["headers"], person.id)
        return _answer(self._rules.applicable(overrides, person))

    async def set(self, request: Request) -> Response:
        """Have these overrides from now on, in place of those before; none is as good as DELETE."""
        person = await self._developer(request)
        check_own_page(request.scope["headers"], self._base_url)
        wanted = _read(await _body(request)).overrides
        overrides, give = await self._setting.set(person, wanted)
        response = _answer(overrides)
        give(response)
        return response

    async def end(self, request: Request) -> Response:
        """Have none from now on."""
        headers = request.scope["headers"]
        if await self._identify(headers) is None:
            raise signed_out()
        check_own_page(headers, self._base_url)
        response = Response(status_code=204, headers=_HEADERS)
        self._cookie.take(response)
        return response

    async def off(self, request: Request) -> Response:
        """The button in the page: have none, and back to where it was pressed."""
        site = request.headers.get("sec-fetch-site")
        same = site == "same-origin" if site is not None else request.headers.get("origin") == self._base_url
        if not same:
            raise Problem(
                "cross-site-request",
                status=403,
                title="This form was not sent from here",
                detail="Overrides are turned off from the page that shows them.",
            )
        response = RedirectResponse(self._back(request), 303, _HEADERS)
        self._cookie.take(response)
        return response

    async def _developer(self, request: Request) -> Session:
        person = await self._identify(request.scope["headers"])
        if person is None:
            raise signed_out()
        check_person(request.scope["headers"], person.sub)
        if not self._rules.may_override(person):
            raise Problem(
                "not-a-developer",
                status=403,
                title="Overrides are for developers",
                detail="Your roles have none of PORTICO_DEVELOPER_ROLES; ask whoever runs this site.",
            )
        return person

    def _back(self, request: Request) -> str:
        """The path of the page that sent the form; the referrer is a whole URL within one origin."""
        parts = urlsplit(request.headers.get("referer", ""))
        if f"{parts.scheme}://{parts.netloc}" != self._base_url:
            return HOME
        return safe_return_to(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def _answer(overrides: Overrides) -> Response:
    document = {"overrides": msgspec.to_builtins(overrides.apps), "expiresAt": overrides.expires_at or None}
    return JSONResponse(document if overrides else {"overrides": {}, "expiresAt": None}, headers=_HEADERS)


def _read(body: bytes) -> _Wanted:
    try:
        return decoded(body, _Wanted)
    except msgspec.ValidationError as error:
        raise Problem.invalid([field_error(error)]) from error
    except msgspec.DecodeError as error:
        raise malformed(str(error)) from error


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise Problem("body-too-large", status=413, title="The body is too large")
    return body

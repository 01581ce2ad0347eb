"""`/_portico/dev`: the page on which a developer takes over what `portico dev` serves, with one click.

The command cannot set an override: that takes the session of the developer's browser. It opens this page, which says
what would come from where, and only the form of this page sets anything: a link alone, whoever made it, does not.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from portico.host.overrides.cookie import OverrideCookie
from portico.host.overrides.override import Override
from portico.host.overrides.rules import OverrideRules
from portico.host.overrides.setting import Setting
from portico.host.plain import PlainPages
from portico.host.session import RawHeaders, Session
from portico.host.session.return_to import safe_return_to
from portico.host.session.settings import SIGN_IN_PATH
from portico.problem import FieldError, Problem

PATH = "/_portico/dev"
_FIELDS = ("app", "url", "bff", "to")
_LONGEST_FIELD = 1_000
_APP = re.compile(r"@[a-z0-9][a-z0-9-]{0,62}/[a-z][a-z0-9-]{0,62}")
_pages = PlainPages("portico.host.overrides")


class HandOver:
    """Asks the developer, and sets what the form says beside the overrides that there are."""

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
        return [Route(PATH, self.ask, methods=["GET"]), Route(PATH, self.accept, methods=["POST"])]

    async def ask(self, request: Request) -> Response:
        """The page with the question; first to sign-in, for who is not."""
        fields = _fields(request.query_params)
        person = await self._identify(request.scope["headers"])
        if person is None:
            back = f"{PATH}?{urlencode(fields)}"
            return RedirectResponse(f"{SIGN_IN_PATH}?return_to={quote(back)}", 303, {"Cache-Control": "no-store"})
        if not self._rules.may_override(person):
            return _refused(person, 403)
        try:
            # A link may say anything: what would be refused is not asked, so that nobody words the question.
            await self._setting.check(person, self._wanted(request, person, fields))
        except Problem as problem:
            return _not_handed_over(problem, fields)
        return _pages.response("hand_over.html.j2", name=person.name, path=PATH, fields=fields)

    async def accept(self, request: Request) -> Response:
        """Set the override and go to the app; 403 for a form of any other site."""
        headers = request.headers
        site = headers.get("sec-fetch-site")
        if not (site == "same-origin" if site is not None else headers.get("origin") == self._base_url):
            raise Problem(
                "cross-site-request",
                status=403,
                title="This form was not sent from here",
                detail="Open the address that `portico dev` prints, and press the button there.",
            )
        person = await self._identify(request.scope["headers"])
        if person is None:
            return RedirectResponse(SIGN_IN_PATH, 303)
        if not self._rules.may_override(person):
            return _refused(person, 403)
        async with request.form(max_files=0, max_fields=len(_FIELDS), max_part_size=_LONGEST_FIELD) as form:
            fields = _fields({name: str(value) for name, value in form.items()})
        try:
            _, give = await self._setting.set(person, self._wanted(request, person, fields))
        except Problem as problem:
            return _not_handed_over(problem, fields)
        response = RedirectResponse(fields["to"], 303, {"Cache-Control": "no-store"})
        give(response)
        return response

    def _wanted(self, request: Request, person: Session, fields: Mapping[str, str]) -> dict[str, Override]:
        """What the fields say, beside the overrides that there are; a 422 problem when they name no app."""
        if not _APP.fullmatch(fields["app"]):
            raise Problem.invalid([FieldError("/app", "is no app's full name, such as @team/app")])
        apps = self._rules.applicable(self._cookie.read(request.scope["headers"], person.id), person).apps
        own = Override(url=fields["url"] or None, own_styles=bool(fields["url"]), bff=fields["bff"] or None)
        return {**apps, fields["app"]: own}


def _fields(given: Mapping[str, str]) -> dict[str, str]:
    fields = {name: given.get(name, "")[:_LONGEST_FIELD] for name in _FIELDS}
    return {**fields, "to": safe_return_to(fields["to"])}


def _not_handed_over(problem: Problem, fields: Mapping[str, str]) -> Response:
    app = fields["app"] if _APP.fullmatch(fields["app"]) else "this app"
    return _pages.response("not_handed_over.html.j2", status=problem.status, app=app, problem=problem, to=fields["to"])


def _refused(person: Session, status: int) -> Response:
    return _pages.response("not_a_developer.html.j2", status=status, name=person.name)

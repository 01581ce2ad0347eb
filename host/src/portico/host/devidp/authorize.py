"""`/authorize`: ask who it is, unless the browser has said so, and send a code to the client."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.host.clock import Clock
from portico.host.devidp.authorization import AuthorizationRequest, authorization_request, return_address
from portico.host.devidp.config import DevProviderConfig
from portico.host.devidp.cookie import LoginCookie
from portico.host.devidp.errors import PageRefusal, RedirectRefusal
from portico.host.devidp.logins import Codes, Login, Logins
from portico.host.devidp.pages import pages
from portico.host.devidp.parameters import Parameters, parse, read_form, read_parameters

_Respond = Callable[[AuthorizationRequest], Response]


class Authorize:
    """The authorization endpoint and the page behind it."""

    def __init__(
        self, config: DevProviderConfig, *, clock: Clock, cookie: LoginCookie, logins: Logins, codes: Codes
    ) -> None:
        self._config = config
        self._clock = clock
        self._cookie = cookie
        self._logins = logins
        self._codes = codes

    async def ask(self, request: Request) -> Response:
        """`GET` or `POST /authorize`."""
        parameters = await read_parameters(request)
        return self._answer(parameters, lambda wanted: self._known_or_ask(request, parameters, wanted))

    async def pick(self, request: Request) -> Response:
        """`POST /pick`: the person chosen on the page; what the client asked for is checked once more."""
        self._cookie.check_same_origin(request)
        form = await read_form(request)
        person = self._config.person(form.get("sub", ""))
        if person is None:
            raise PageRefusal("Nobody of that name is known here.")

        def sign_in(wanted: AuthorizationRequest) -> Response:
            self._logins.end(self._cookie.read(request))
            secret, login = self._logins.begin(person.sub)
            response = self._send_code(wanted, login)
            self._cookie.set(response, secret)
            return response

        return self._answer(parse(form.get("request", "")), sign_in)

    def _answer(self, parameters: Parameters, respond: _Respond) -> Response:
        address = return_address(parameters, self._config)
        try:
            return respond(authorization_request(parameters, address))
        except RedirectRefusal as refusal:
            answer = {"error": refusal.error, "error_description": refusal.description}
            return _redirect(address.with_answer(self._config.issuer, **answer))

    def _known_or_ask(self, request: Request, parameters: Parameters, wanted: AuthorizationRequest) -> Response:
        login = self._logins.of(self._cookie.read(request))
        if login is not None and self._config.person(login.sub) and wanted.accepts_login_of(self._clock() - login.at):
            return self._send_code(wanted, login)
        if "none" in wanted.prompts:
            raise RedirectRefusal("login_required", "nobody is signed in")
        return pages.response(
            "pick.html.j2",
            form_targets=[wanted.address.redirect_uri],
            action=f"{self._config.issuer}/pick",
            request=urlencode(parameters),
            people=self._config.people,
            client_id=wanted.address.client.client_id,
            hint=wanted.login_hint,
        )

    def _send_code(self, wanted: AuthorizationRequest, login: Login) -> Response:
        code = self._codes.issue(wanted, login)
        return _redirect(wanted.address.with_answer(self._config.issuer, code=code))


def _redirect(url: str) -> Response:
    # 303: a browser that posted the page's form must come back with a GET (RFC 9700, 4.12).
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})

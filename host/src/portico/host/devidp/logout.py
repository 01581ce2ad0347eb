"""`/end-session`: RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from portico.host.devidp.backchannel import BackchannelLogout
from portico.host.devidp.config import DevProviderConfig
from portico.host.devidp.cookie import LoginCookie
from portico.host.devidp.errors import PageRefusal
from portico.host.devidp.logins import Logins
from portico.host.devidp.pages import pages
from portico.host.devidp.parameters import Parameters, read_form, read_parameters
from portico.host.devidp.refresh import RefreshGrants
from portico.host.devidp.tokens import Tokens


class EndSession:
    """Signs a browser out of the provider; without an id_token of that sign-in it asks first."""

    def __init__(
        self,
        config: DevProviderConfig,
        *,
        cookie: LoginCookie,
        logins: Logins,
        tokens: Tokens,
        refresh: Callable[[], RefreshGrants],
        backchannel: BackchannelLogout,
    ) -> None:
        self._config = config
        self._cookie = cookie
        self._logins = logins
        self._tokens = tokens
        self._refresh = refresh
        self._backchannel = backchannel

    async def end(self, request: Request) -> Response:
        """`GET` or `POST /end-session`."""
        parameters = await read_parameters(request)
        hint = self._tokens.read_id_token_hint(parameters.get("id_token_hint", ""))
        target = self._target(parameters, str(hint["aud"]) if hint else parameters.get("client_id"))
        login = self._logins.of(self._cookie.read(request))
        if hint is not None:
            await self._end(str(hint["sub"]), str(hint["sid"]))
        if login is not None and (hint is None or hint["sid"] != login.sid):
            return self._ask(login.sub)
        return self._signed_out(request, target)

    async def confirm(self, request: Request) -> Response:
        """`POST /end-session/confirm`: the person said yes."""
        self._cookie.check_same_origin(request)
        await read_form(request)
        login = self._logins.of(self._cookie.read(request))
        if login is not None:
            await self._end(login.sub, login.sid)
        return self._signed_out(request, None)

    async def _end(self, sub: str, sid: str) -> None:
        await self._backchannel.tell(await self._refresh().end_login(sid), sub=sub, sid=sid)

    def _target(self, parameters: Parameters, client_id: str | None) -> str | None:
        """Where to go afterwards; raises PageRefusal for an address that the client has not registered."""
        uri = parameters.get("post_logout_redirect_uri")
        if uri is None:
            return None
        client = self._config.client(client_id or "")
        if client is None or uri not in client.post_logout_redirect_uris:
            raise PageRefusal("The application has not registered where to go after signing out.")
        if "state" not in parameters:
            return uri
        return f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': parameters['state']})}"

    def _ask(self, sub: str) -> Response:
        person = self._config.person(sub)
        return pages.response(
            "sign-out.html.j2", action=f"{self._config.issuer}/end-session/confirm", name=person.name if person else sub
        )

    def _signed_out(self, request: Request, target: str | None) -> Response:
        self._logins.end(self._cookie.read(request))
        response: Response
        if target is None:
            response = pages.response("message.html.j2", title="You are signed out", text="You can close this page.")
        else:
            response = RedirectResponse(target, 303, {"Cache-Control": "no-store"})
        self._cookie.clear(response)
        return response

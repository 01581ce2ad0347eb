"""Token exchange (RFC 8693): a person's access token becomes one for another audience."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import JSONResponse, Response

from portico.host.devidp.config import DevClient, DevProviderConfig
from portico.host.devidp.errors import TokenRefusal
from portico.host.devidp.logins import Login
from portico.host.devidp.parameters import Parameters
from portico.host.devidp.refresh import RefreshGrants
from portico.host.devidp.resources import is_allowed
from portico.host.devidp.tokens import Entitlement, Tokens

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a type, no token
_TYPES = frozenset({_ACCESS_TOKEN, "urn:ietf:params:oauth:token-type:jwt"})


class Exchange:
    """Exchanges what a client was given itself, for as long as the sign-in behind it lasts."""

    def __init__(self, config: DevProviderConfig, *, tokens: Tokens, refresh: Callable[[], RefreshGrants]) -> None:
        self._config = config
        self._tokens = tokens
        self._refresh = refresh

    async def redeem(self, client: DevClient, form: Parameters) -> Response:
        """The answer to `POST /token`; raises TokenRefusal."""
        if form.get("subject_token_type") != _ACCESS_TOKEN or form.get("requested_token_type", _ACCESS_TOKEN) not in (
            _TYPES
        ):
            raise TokenRefusal("invalid_request", "only an access token is exchanged, and for an access token")
        if "actor_token" in form:
            raise TokenRefusal("invalid_request", "actor_token is not supported")
        audience = form.get("audience") or form.get("resource", "")
        if not is_allowed(audience, client):
            raise TokenRefusal("invalid_target", "this client gets no tokens for that audience")
        subject = await self._subject(client, form.get("subject_token", ""))
        token = self._tokens.access_token(subject, audience)
        answer = {
            "access_token": token,
            "issued_token_type": _ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": self._config.token_lifetime,
            "scope": subject.scope,
        }
        return JSONResponse(answer, headers={"Cache-Control": "no-store"})

    async def _subject(self, client: DevClient, token: str) -> Entitlement:
        claims = self._tokens.read_access_token(token)
        if claims is None or claims["client_id"] != client.client_id:
            raise TokenRefusal("invalid_request", "subject_token is no live access token of this client")
        person = self._config.person(claims["sub"])
        if person is None or not await self._refresh().lives(claims["sid"], client.client_id):
            raise TokenRefusal("invalid_grant", "the sign-in behind subject_token has ended")
        login = Login(claims["sub"], claims["sid"], claims["auth_time"])
        return Entitlement(person=person, login=login, client_id=client.client_id, scope=claims["scope"])

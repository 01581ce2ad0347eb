"""`/token` and `/userinfo`: codes and refresh tokens become tokens, access tokens become claims.

Sources: RFC 6749, RFC 7636, RFC 6750, RFC 8707, RFC 9700; OpenID Connect Core 3.1.3 and 5.3.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from hmac import compare_digest

from joserfc.util import urlsafe_b64encode
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from portico.host.devidp import exchange
from portico.host.devidp.clients import authenticated_client
from portico.host.devidp.config import DevClient, DevPerson, DevProviderConfig
from portico.host.devidp.errors import TokenRefusal
from portico.host.devidp.logins import Codes, Grant
from portico.host.devidp.parameters import Parameters, read_form
from portico.host.devidp.refresh import RefreshGrants
from portico.host.devidp.resources import is_allowed
from portico.host.devidp.tokens import Entitlement, Tokens, person_claims

GRANT_TYPES = ("authorization_code", "refresh_token", exchange.GRANT_TYPE)
_NO_STORE = {"Cache-Control": "no-store"}


class TokenEndpoint:
    """Redeems grants; `refresh` gives the store of refresh grants once the provider has started."""

    def __init__(
        self, config: DevProviderConfig, *, codes: Codes, tokens: Tokens, refresh: Callable[[], RefreshGrants]
    ) -> None:
        self._config = config
        self._codes = codes
        self._tokens = tokens
        self._refresh = refresh
        self._exchange = exchange.Exchange(config, tokens=tokens, refresh=refresh)

    async def redeem(self, request: Request) -> Response:
        """`POST /token`."""
        form = await read_form(request)
        client = authenticated_client(request, form, self._config)
        match form.get("grant_type"):
            case "authorization_code":
                return await self._code(client, form)
            case "refresh_token":
                return await self._rotate(client, form)
            case exchange.GRANT_TYPE:
                return await self._exchange.redeem(client, form)
            case _:
                raise TokenRefusal("unsupported_grant_type", f"grant_type is one of {', '.join(GRANT_TYPES)}")

    async def userinfo(self, request: Request) -> Response:
        """`GET` or `POST /userinfo`, with a bearer token in the header."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        claims = self._tokens.read_access_token(token) if scheme.lower() == "bearer" else None
        person = self._config.person(claims["sub"]) if claims else None
        if person is None:
            raise TokenRefusal("invalid_token", "a live access token of this provider is required", status=401)
        return JSONResponse(person_claims(person), headers=_NO_STORE)

    async def _code(self, client: DevClient, form: Parameters) -> Response:
        resource = _resource(client, form)
        grant, family = self._codes.redeem(form.get("code", ""))
        if grant is None:
            if family is not None:
                await self._refresh().end_family(family)
            raise TokenRefusal("invalid_grant", "the code is unknown, expired or used")
        if not _fits(grant, client, form):
            raise TokenRefusal("invalid_grant", "the code belongs to another client, redirect_uri or code_verifier")
        entitlement = Entitlement(
            person=self._person(grant.login.sub), login=grant.login, client_id=client.client_id, scope=grant.scope
        )
        refresh_token = await self._refresh().issue(str(family), client.client_id, grant.scope, grant.login)
        return self._tokens_for(entitlement, refresh_token, nonce=grant.nonce, resource=resource)

    async def _rotate(self, client: DevClient, form: Parameters) -> Response:
        resource = _resource(client, form)  # before the token is spent: a wrong resource costs nothing
        rotated = await self._refresh().rotate(form.get("refresh_token", ""), client.client_id)
        if rotated is None:
            raise TokenRefusal("invalid_grant", "the refresh token is unknown, expired or used")
        grant, refresh_token = rotated
        entitlement = Entitlement(
            person=self._person(grant.login.sub), login=grant.login, client_id=client.client_id, scope=grant.scope
        )
        return self._tokens_for(entitlement, refresh_token, nonce=None, resource=resource)

    def _tokens_for(
        self, entitlement: Entitlement, refresh_token: str, *, nonce: str | None, resource: str | None
    ) -> Response:
        access_token = self._tokens.access_token(entitlement, resource)
        answer = {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": self._config.token_lifetime,
            "refresh_token": refresh_token,
            "id_token": self._tokens.id_token(entitlement, access_token, nonce),
            "scope": entitlement.scope,
        }
        return JSONResponse(answer, headers=_NO_STORE)

    def _person(self, sub: str) -> DevPerson:
        person = self._config.person(sub)
        if person is None:
            raise TokenRefusal("invalid_grant", "this person is no longer known here")
        return person


def _resource(client: DevClient, form: Parameters) -> str | None:
    """The one resource that the access token is to be for (RFC 8707, 2.2); raises TokenRefusal."""
    resource = form.get("resource")
    if resource is not None and not is_allowed(resource, client):
        raise TokenRefusal("invalid_target", "this client gets no tokens for that resource, or for several at once")
    return resource


def _fits(grant: Grant, client: DevClient, form: Parameters) -> bool:
    challenge = urlsafe_b64encode(sha256(form.get("code_verifier", "").encode()).digest()).decode()
    return (
        grant.client_id == client.client_id
        and grant.redirect_uri == form.get("redirect_uri")
        and compare_digest(grant.code_challenge, challenge)
    )

"""The development provider as an application, for the host to mount or to serve alone."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from portico.host.clock import Clock
from portico.host.devidp.authorize import Authorize
from portico.host.devidp.backchannel import BackchannelLogout
from portico.host.devidp.config import DevProviderConfig
from portico.host.devidp.cookie import LoginCookie
from portico.host.devidp.errors import PageRefusal, TokenRefusal
from portico.host.devidp.logins import Codes, Logins
from portico.host.devidp.logout import EndSession
from portico.host.devidp.pages import pages
from portico.host.devidp.refresh import RefreshGrants, refresh_database
from portico.host.devidp.revocation import Revocation
from portico.host.devidp.token import GRANT_TYPES, TokenEndpoint
from portico.host.devidp.tokens import Tokens
from portico.host.errors import ConfigurationError
from portico.host.tokens.keys import ALGORITHM, Signer

_Endpoint = Callable[[Request], Awaitable[Response]]
_DISCOVERY = "/.well-known/openid-configuration"
_SHORT_WHILE = {"Cache-Control": "public, max-age=60"}


def create_dev_provider(
    config: DevProviderConfig,
    *,
    keys: Signer,
    clock: Clock = time.time,
    transport: httpx2.AsyncBaseTransport | None = None,
) -> Starlette:
    """An OpenID provider for development and tests, at `config.issuer`.

    Its lifespan opens the refresh grants, so whoever mounts it must run its lifespan too. `transport` replaces the
    network to clients in tests.
    """
    refresh_grants: list[RefreshGrants] = []

    def refresh() -> RefreshGrants:
        if not refresh_grants:
            raise ConfigurationError("The development provider is mounted, but its lifespan was not started")
        return refresh_grants[0]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with refresh_database(config.data_dir) as database:
            refresh_grants.append(RefreshGrants(database, clock, config.refresh_lifetime))
            try:
                yield
            finally:
                refresh_grants.clear()

    cookie, logins, codes = LoginCookie(config), Logins(clock), Codes(clock, config.code_lifetime)
    tokens = Tokens(config, keys, clock)
    authorize = Authorize(config, clock=clock, cookie=cookie, logins=logins, codes=codes)
    token = TokenEndpoint(config, codes=codes, tokens=tokens, refresh=refresh)
    backchannel = BackchannelLogout(config, keys, clock, transport=transport)
    logout = EndSession(config, cookie=cookie, logins=logins, tokens=tokens, refresh=refresh, backchannel=backchannel)
    return Starlette(
        routes=[
            Route(_DISCOVERY, _document(lambda: discovery(config))),
            Route("/jwks", _document(keys.public_jwks)),
            Route("/authorize", authorize.ask, methods=["GET", "POST"]),
            Route("/pick", authorize.pick, methods=["POST"]),
            Route("/token", token.redeem, methods=["POST"]),
            Route("/revoke", Revocation(config, refresh=refresh).revoke, methods=["POST"]),
            Route("/userinfo", token.userinfo, methods=["GET", "POST"]),
            Route("/end-session", logout.end, methods=["GET", "POST"]),
            Route("/end-session/confirm", logout.confirm, methods=["POST"]),
        ],
        exception_handlers={PageRefusal: _refused_on_page, TokenRefusal: _refused_as_json},
        lifespan=lifespan,
    )


def discovery(config: DevProviderConfig) -> dict[str, object]:
    """The provider's metadata (OpenID Connect Discovery 1.0, RFC 8414, RFC 9207)."""
    issuer = config.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks",
        "revocation_endpoint": f"{issuer}/revoke",
        "end_session_endpoint": f"{issuer}/end-session",
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "scopes_supported": ["openid", "profile", "email"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "select_account", "consent"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "sid",
            "name", "email", "email_verified", "roles", "tenant",
        ],
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }  # fmt: skip


def _document(content: Callable[[], object]) -> _Endpoint:
    async def endpoint(_request: Request) -> Response:
        return JSONResponse(content(), headers=_SHORT_WHILE)

    return endpoint


async def _refused_on_page(request: Request, error: Exception) -> Response:
    if request.url.path.endswith(("/token", "/revoke")):
        return await _refused_as_json(request, TokenRefusal("invalid_request", str(error)))
    return pages.response("message.html.j2", status=400, title="This request cannot be answered", text=str(error))


async def _refused_as_json(_request: Request, error: Exception) -> Response:
    if not isinstance(error, TokenRefusal):  # Starlette hands over what is registered, typed as any error
        raise error
    headers = {"Cache-Control": "no-store"}
    if error.status == 401:
        scheme = f'Bearer error="{error.error}"' if error.error == "invalid_token" else 'Basic realm="token"'
        headers["WWW-Authenticate"] = scheme
    return JSONResponse({"error": error.error, "error_description": error.description}, error.status, headers)

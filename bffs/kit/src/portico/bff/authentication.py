"""ASGI middleware that finds out who calls. It refuses nobody: that is for what the routes declare."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from portico.bff.assertion.receiving import Verifier
from portico.bff.authorizer import Identity, set_identity
from portico.bff.errors import KeysUnavailable, TokenRefused


class Authentication:
    """Verifies the bearer token (RFC 6750, section 2.1) of each request and records the outcome for the authorizer."""

    def __init__(self, app: ASGIApp, verifier: Verifier) -> None:
        self._app = app
        self._verifier = verifier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        if scope["type"] in {"http", "websocket"}:
            set_identity(scope, await self._identify(scope))
        await self._app(scope, receive, send)

    async def _identify(self, scope: Scope) -> Identity:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if not given:
            return Identity()
        scheme, _, token = given[0].decode("latin-1").partition(" ")
        if len(given) > 1:
            return Identity(refusal=TokenRefused("There is more than one Authorization header"))
        if scheme.lower() != "bearer":
            return Identity()
        try:
            return Identity(claims=await self._verifier.verify(token.strip(" ")))
        except (TokenRefused, KeysUnavailable) as refusal:
            return Identity(refusal=refusal)

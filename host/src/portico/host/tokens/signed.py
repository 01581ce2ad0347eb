"""Tokens for BFFs that the host signs itself, with keys it publishes.

Sources: RFC 9068 (`at+jwt`), RFC 8725 (JWT best practice).
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from portico.host.clock import Clock
from portico.host.session.grants import AccessToken
from portico.host.tokens.keys import Signer
from portico.host.tokens.source import LIFETIME_S, Identity

_HOST_CLIENT = "portico-host"


class SignedTokens:
    """Issues the short-lived `at+jwt` that the gateway attaches for one BFF; it lives no longer than the session."""

    def __init__(self, keys: Signer, issuer: str, clock: Clock, *, client_id: str = _HOST_CLIENT) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._client_id = client_id

    async def issue(self, identity: Identity, audience: str) -> AccessToken:
        """A token for the BFF with this audience, good for five minutes or the session's rest; raises nothing."""
        now = int(self._clock())
        expires = min(now + LIFETIME_S, int(identity.expires_at))
        return AccessToken(self._keys.sign(self._claims(identity, audience, now, expires), typ="at+jwt"), expires)

    def _claims(self, identity: Identity, audience: str, now: int, expires: int) -> dict[str, Any]:
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "sub": identity.sub,
            "aud": audience,
            "client_id": self._client_id,
            "iat": now,
            "nbf": now,
            "exp": expires,
            "jti": str(uuid4()),
            "roles": list(identity.roles),
            "scope": "bff",
            "name": identity.name,
        }
        if identity.tenant is not None:
            claims["tenant"] = identity.tenant
        return claims

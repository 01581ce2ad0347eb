"""A logout token, verified: the provider says that somebody signed out there.

Source: OpenID Connect Back-Channel Logout 1.0, 2.4 and 2.6. A `typ` of `logout+jwt` is recommended there and not
required, so one without `typ` is accepted, too: what cannot be taken for it are id_tokens, for these have no `events`.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

from portico.host.clock import Clock
from portico.host.session.claim_checks import LEEWAY_S, is_for, is_time
from portico.host.session.errors import ProviderDistrusted
from portico.host.session.provider import Provider

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OLDEST_S = 600
"""How long after it was issued a logout token is taken; it is remembered for that long, so that it works once."""
_TYPES = frozenset({None, "jwt", "logout+jwt", "application/logout+jwt"})
_LONGEST = 255  # characters of sub (Core 2), sid and jti


class ProviderLogout(msgspec.Struct, frozen=True):
    """Whose sessions are over: those of one sign-in (`sid`), or all of a person (`sub`), or both must fit.

    `token_id` tells this token from all others; until `until` (seconds since the epoch) it could come again.
    """

    sub: str | None
    sid: str | None
    token_id: str
    until: int


class LogoutTokenVerifier:
    """Verifies the logout tokens that one provider issues for one client."""

    def __init__(self, provider: Provider, *, client_id: str, clock: Clock) -> None:
        self._provider = provider
        self._client_id = client_id
        self._clock = clock

    async def logout(self, token: str) -> ProviderLogout:
        """What a token says; raises ProviderDistrusted, or ProviderUnreachable. Whether it came before is not known."""
        claims, _ = await self._provider.keys.signed_claims(token, types=_TYPES)
        fault = self._fault(claims)
        if fault:
            raise ProviderDistrusted(f"the logout token's {fault} is not what it must be")
        return ProviderLogout(
            sub=claims.get("sub"),
            sid=claims.get("sid"),
            token_id=sha256(claims["jti"].encode()).hexdigest(),
            until=int(claims["iat"]) + OLDEST_S + 2 * LEEWAY_S,
        )

    def _fault(self, claims: dict[str, Any]) -> str | None:
        """The name of the first claim that does not hold."""
        now = self._clock()
        issued, expires, events = claims.get("iat"), claims.get("exp"), claims.get("events")
        checks = {
            "iss": claims.get("iss") == self._provider.issuer,
            "aud": is_for(claims, self._client_id),
            "iat": is_time(issued) and now - OLDEST_S - LEEWAY_S <= issued <= now + LEEWAY_S,
            "exp": is_time(expires) and now < expires + LEEWAY_S,
            "events": isinstance(events, dict) and isinstance(events.get(EVENT), dict),
            "nonce": "nonce" not in claims,
            "jti": _is_name(claims.get("jti")),
            "sub": "sub" not in claims or _is_name(claims["sub"]),
            "sid": _is_name(claims["sid"]) if "sid" in claims else "sub" in claims,
        }
        return next((claim for claim, holds in checks.items() if not holds), None)


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST

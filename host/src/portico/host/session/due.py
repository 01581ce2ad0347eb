"""When the provider is asked for fresh tokens: a little before the access token is over."""

from __future__ import annotations

from portico.host.session.person import TokenSet

_MARGIN_S = 60
_UNKNOWN_LIFE_S = 300  # `expires_in` is only recommended (RFC 6749, 5.1)
_LEAST_S = 10  # between two refreshes of one session, however short the tokens live


def refresh_at(tokens: TokenSet, now: int) -> int | None:
    """When tokens that came now are due, in seconds since the epoch; `None` without a refresh token."""
    if tokens.refresh_token is None:
        return None
    if tokens.expires_at is None:
        return now + _UNKNOWN_LIFE_S
    margin = min(_MARGIN_S, max(0, tokens.expires_at - now) // 4)
    return max(tokens.expires_at - margin, now + _LEAST_S)

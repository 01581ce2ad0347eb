"""What must hold of every claim set of the provider: times, and who it is for (OpenID Connect Core 3.1.3.7)."""

from __future__ import annotations

from typing import Any, TypeGuard

LEEWAY_S = 30
_LATEST = 2**53


def is_time(value: object) -> TypeGuard[float]:
    """Whether it is seconds since the epoch: a number, and one of this world (NaN compares to nothing)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LATEST


def is_for(claims: dict[str, Any], client_id: str) -> bool:
    """Whether a token is for this client alone, or for it among others with an `azp` that says so."""
    audience = claims.get("aud")
    if isinstance(audience, list) and len(audience) > 1:
        return client_id in audience and claims.get("azp") == client_id
    return audience in (client_id, [client_id])

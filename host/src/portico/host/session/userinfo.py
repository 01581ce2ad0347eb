"""What a provider tells at its userinfo endpoint only (OpenID Connect Core 5.3 and 5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portico.host.session.errors import ProviderDistrusted
from portico.host.session.person import claim_at
from portico.host.session.provider import Provider


async def with_userinfo(
    provider: Provider, claims: Mapping[str, Any], access_token: str, *, roles_claim: str
) -> Mapping[str, Any]:
    """An id_token's claims, with what the provider tells elsewhere when name or roles are not among them.

    Raises ProviderUnreachable, or ProviderDistrusted when it speaks of somebody else (Core 5.3.2).
    """
    metadata = await provider.metadata()
    if metadata.userinfo_endpoint is None or ("name" in claims and claim_at(claims, roles_claim) is not None):
        return claims
    told = await provider.http.get_json(metadata.userinfo_endpoint, bearer=access_token)
    if told.get("sub") != claims.get("sub"):
        raise ProviderDistrusted("the userinfo endpoint speaks of somebody else")
    return told | dict(claims)

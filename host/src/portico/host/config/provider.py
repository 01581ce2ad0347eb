"""The OpenID provider, as an operator names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """An OpenID provider, found by discovery under its issuer."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


_NEEDED = ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")


def provider_faults(environment: Mapping[str, str]) -> list[str]:
    """What keeps a provider's settings from being used, a sentence for each."""
    if not environment.get("OIDC_ISSUER"):
        return []
    return [f"{key} is not set, and OIDC_ISSUER is" for key in _NEEDED if not environment.get(key)]


def provider_config(environment: Mapping[str, str]) -> ProviderConfig | None:
    """The provider that is named, or none; `provider_faults` must have found nothing."""
    issuer = environment.get("OIDC_ISSUER")
    if not issuer:
        return None
    return ProviderConfig(
        issuer=issuer, client_id=environment["OIDC_CLIENT_ID"], client_secret=environment["OIDC_CLIENT_SECRET"]
    )

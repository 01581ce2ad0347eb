"""The OpenID provider, as an operator names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """An OpenID provider, found by discovery under its issuer, and the client that the host is there.

    The client has a `client_secret` or a `client_key` (a private key as JWK or PEM, for private_key_jwt). `scope` is
    what it asks for; `roles_claim` and `tenant_claim` say where the provider puts them: the name of a claim, or a path
    of names with dots between (`realm_access.roles`). With `pushed_requests`, what is asked for goes to the provider
    directly (RFC 9126), also where it does not require that of everybody.
    """

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    client_key: str = field(default="", repr=False)
    scope: str = "openid profile email"
    roles_claim: str = "roles"
    tenant_claim: str = "tenant"
    pushed_requests: bool = False


def provider_faults(environment: Mapping[str, str]) -> list[str]:
    """What keeps a provider's settings from being used, a sentence for each."""
    if not environment.get("OIDC_ISSUER"):
        return []
    faults = [] if environment.get("OIDC_CLIENT_ID") else ["OIDC_CLIENT_ID is not set, and OIDC_ISSUER is"]
    given = [key for key in ("OIDC_CLIENT_SECRET", "OIDC_CLIENT_KEY") if environment.get(key)]
    if not given:
        faults.append("OIDC_CLIENT_SECRET is not set, and OIDC_ISSUER is (or set OIDC_CLIENT_KEY, for private_key_jwt)")
    if len(given) > 1:
        faults.append("OIDC_CLIENT_SECRET and OIDC_CLIENT_KEY are both set: set the one that the provider knows")
    if "openid" not in environment.get("OIDC_SCOPE", "openid").split():
        faults.append("OIDC_SCOPE must have the word openid, for example: openid profile email offline_access")
    return faults


def provider_config(environment: Mapping[str, str]) -> ProviderConfig | None:
    """The provider that is named, or none; `provider_faults` must have found nothing."""
    issuer = environment.get("OIDC_ISSUER")
    if not issuer:
        return None
    return ProviderConfig(
        issuer=issuer,
        client_id=environment["OIDC_CLIENT_ID"],
        client_secret=environment.get("OIDC_CLIENT_SECRET", ""),
        client_key=environment.get("OIDC_CLIENT_KEY", ""),
        scope=" ".join(environment.get("OIDC_SCOPE", "openid profile email").split()),
        roles_claim=environment.get("OIDC_ROLES_CLAIM") or "roles",
        tenant_claim=environment.get("OIDC_TENANT_CLAIM") or "tenant",
        pushed_requests=environment.get("OIDC_PUSHED_REQUESTS") == "1",
    )

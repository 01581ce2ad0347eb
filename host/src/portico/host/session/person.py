"""Who signed in, and the tokens that came with it: the provider's claims as the host keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from portico.host.session.errors import ProviderDistrusted

_NAME_CLAIMS = ("name", "preferred_username", "nickname", "email")


class TokenSet(msgspec.Struct, frozen=True, omit_defaults=True):
    """The provider's tokens; `expires_at` is the access token's end in seconds since the epoch."""

    access_token: str
    id_token: str
    refresh_token: str | None = None
    expires_at: int | None = None

    def __repr__(self) -> str:
        """Tokens stay out of logs."""
        return "TokenSet(...)"


class Person(msgspec.Struct, frozen=True):
    """A person as their provider describes them. `sid` is the provider's name for this sign-in."""

    sub: str
    name: str
    roles: tuple[str, ...] = ()
    tenant: str | None = None
    sid: str | None = None


def person_of(claims: Mapping[str, Any], *, roles_claim: str, tenant_claim: str) -> Person:
    """The person in verified claims; raises ProviderDistrusted when a claim has the wrong shape."""
    roles = claim_at(claims, roles_claim, default=[])
    if isinstance(roles, str):  # some providers send a single role bare
        roles = [roles]
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ProviderDistrusted(f"the claim {roles_claim!r} is not a list of texts")
    sub = _text(claims, "sub")
    if not sub:
        raise ProviderDistrusted("the claim 'sub' is missing")
    name = next((text for claim in _NAME_CLAIMS if (text := _text(claims, claim))), sub)
    tenant = _text_at(claims, tenant_claim)
    return Person(sub=sub, name=name, roles=tuple(roles), tenant=tenant, sid=_text(claims, "sid"))


def claim_at(claims: Mapping[str, Any], name: str, *, default: Any = None) -> Any:
    """The claim of that name, or the one at a path of names with dots between (`realm_access.roles`)."""
    if name in claims:  # a name may have dots itself: https://app.example/roles
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return default
        found = found[part]
    return found


def _text_at(claims: Mapping[str, Any], name: str) -> str | None:
    return _text({name: claim_at(claims, name)}, name)


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise ProviderDistrusted(f"the claim {name!r} is not a text")
    return value

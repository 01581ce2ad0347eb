"""What an issuer calls the claims that no standard names: the roles and the tenant of a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

_OF_THE_TOKEN: Final = frozenset(
    {"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "azp", "scope", "nonce"}
)
"""Registered claims (RFC 7519, 4.1; RFC 9068, 2.2) that say nothing of what a person has to do with."""


class ClaimNames(msgspec.Struct, frozen=True):
    """Each is the name of a claim, or a path of names with dots between (`realm_access.roles`).

    `roles` may be a list of texts, or one text with spaces between, as `scope` is; `tenant` is a text.
    """

    roles: str = "roles"
    tenant: str = "tenant"

    def roles_in(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """The roles; raises ValueError when the claim has another shape."""
        found = _at(claims, self.roles)
        if isinstance(found, str) and self.roles != "roles":
            return frozenset(found.split())
        if found is not None and not (isinstance(found, list) and all(isinstance(role, str) for role in found)):
            raise ValueError(f"{self.roles} is not a list of texts")
        return frozenset(found or ())

    def tenant_in(self, claims: Mapping[str, Any]) -> str | None:
        """The tenant, if there is one; raises ValueError when the claim has another shape."""
        found = _at(claims, self.tenant)
        if found is not None and not isinstance(found, str):
            raise ValueError(f"{self.tenant} is not a text")
        return found


def held_in(claims: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """What the token says beside what it is for, where that is a text or a list of texts: ``Claims.held``."""
    held: dict[str, frozenset[str]] = {}
    for name, value in claims.items():
        texts = [value] if isinstance(value, str) else value
        if name not in _OF_THE_TOKEN and isinstance(texts, list) and all(isinstance(text, str) for text in texts):
            held[name] = frozenset(texts)
    return held


def _at(claims: Mapping[str, Any], name: str) -> Any:
    if name in claims:  # a name may have dots itself: https://app.example/roles
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found

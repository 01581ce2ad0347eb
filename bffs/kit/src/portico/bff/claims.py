"""Who is asking: the verified claims of an access token."""

from __future__ import annotations

import msgspec


class Claims(msgspec.Struct, frozen=True):
    """The claims of a verified `at+jwt` (RFC 9068). Only the verifier makes these from a token.

    `issued_at` and `expires_at` are seconds since the epoch. `scopes` is the `scope` claim, split.
    """

    sub: str
    client_id: str
    issuer: str
    audience: str
    issued_at: int
    expires_at: int
    token_id: str | None = None
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    name: str | None = None
    tenant: str | None = None

    def has_role(self, role: str) -> bool:
        """Whether this person has the role."""
        return role in self.roles

    def has_scope(self, scope: str) -> bool:
        """Whether the token was issued with the scope."""
        return scope in self.scopes

"""Who is asking: the verified claims of an access token."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Claims(msgspec.Struct, frozen=True):
    """The claims of a verified `at+jwt` (RFC 9068). Only the verifier makes these from a token.

    `issued_at` and `expires_at` are seconds since the epoch. `scopes` is the `scope` claim, split. `act` is the service
    that acts for this person (RFC 8693, 4.1), where one does; `client_id` names it too. `held` is what else the token
    says in a text or a list of texts, for rows that are reached by such a claim.
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
    act: str | None = None
    held: Mapping[str, frozenset[str]] = {}

    def has_role(self, role: str) -> bool:
        """Whether this person has the role."""
        return role in self.roles

    def has_scope(self, scope: str) -> bool:
        """Whether the token was issued with the scope."""
        return scope in self.scopes

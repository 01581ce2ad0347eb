"""Whose authority a unit of work has, as predicates that every statement carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import msgspec

from portico.bff.claims import Claims
from portico.bff.entity import AnyReach, ClaimReach, EntityType, Reach, Whose
from portico.sql import Value


@dataclass(slots=True)
class Parameters:
    """Collects the values of one statement; ``add`` returns the placeholder to write in their place."""

    values: list[Value] = field(default_factory=list)

    def add(self, value: Value) -> str:
        """Add a value and return its ``$n``."""
        self.values.append(value)
        return f"${len(self.values)}"


class Access(msgspec.Struct, frozen=True):
    """A person (by claims), nobody in particular (anonymous), or the system (with a reason that the audit keeps)."""

    actor: str
    sub: str | None = None
    client_id: str | None = None
    tenant: str | None = None
    roles: frozenset[str] = frozenset()
    reason: str | None = None
    held: Mapping[str, frozenset[str]] = {}

    @classmethod
    def of(cls, claims: Claims | None) -> Self:
        """The authority of verified claims; without claims, of an anonymous visitor."""
        if claims is None:
            return cls("anonymous")
        roles = frozenset(claims.roles)
        return cls(claims.sub, claims.sub, claims.client_id, claims.tenant, roles, held=claims.held)

    @classmethod
    def system(cls, reason: str) -> Self:
        """The authority to reach everything. ``reason`` says on whose behalf, in a word or two."""
        if not reason.strip():
            raise ValueError("the system needs a reason: the audit keeps it")
        return cls(f"system:{reason}", reason=reason)

    @property
    def is_system(self) -> bool:
        """Whether no filter applies."""
        return self.reason is not None

    def values(self, reach: AnyReach) -> frozenset[str]:
        """Whose rows of a reach this authority has; none for the system and for ``EVERYONE``, which ask no such thing.

        An empty text is nobody: a row that is nobody's must not be theirs whose token says nothing.
        """
        if isinstance(reach, ClaimReach):
            return self.held.get(reach.claim, frozenset()) - {""}
        mine = {Reach.OWNER: self.sub, Reach.TENANT: self.tenant}.get(reach)
        return frozenset({mine} if mine else ())

    def predicate(self, reach: AnyReach, parameters: Parameters) -> str:
        """The SQL condition that keeps what this authority does not reach out of sight."""
        if self.is_system or reach is Reach.EVERYONE:
            return "TRUE"
        column = "claim_value" if isinstance(reach, ClaimReach) else reach.value
        mine = [parameters.add(value) for value in sorted(self.values(reach))]
        if len(mine) > 1:
            return f"{column} IN ({', '.join(mine)})"
        return f"{column} = {mine[0]}" if mine else "FALSE"

    def reaches(self, reach: AnyReach, whose: Whose) -> bool:
        """The same rule for a row at hand."""
        return self.is_system or reach is Reach.EVERYONE or whose.under(reach) in self.values(reach)

    def may_write(self, kind: EntityType[msgspec.Struct]) -> bool:
        """Whether this authority may write rows of the kind at all; ``predicate`` says which."""
        if self.is_system:
            return True
        if self.sub is None or (kind.reach is not Reach.EVERYONE and not self.values(kind.reach)):
            return False
        if kind.reach is Reach.EVERYONE or kind.writers:
            return not self.roles.isdisjoint(kind.writers)
        return True

    def whose(self, reach: AnyReach, claim_value: str | None) -> Whose:
        """To whom a new row belongs. Raises ``ValueError`` where the claims leave that open, or do not allow it."""
        mine = None
        if isinstance(reach, ClaimReach):
            values = self.values(reach)
            mine = claim_value if claim_value is not None or len(values) != 1 else next(iter(values))
            if mine not in values:
                raise ValueError(f"claim_value must be one that the person's claim {reach.claim!r} holds")
        elif claim_value is not None:
            raise ValueError("claim_value is for kinds that are reached by a claim")
        return Whose(self.sub, self.tenant, mine)

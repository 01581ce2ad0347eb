"""Whose authority a unit of work has, as predicates that every statement carries."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import msgspec

from portico.bff.claims import Claims
from portico.bff.entity import EntityType, Reach
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

    @classmethod
    def of(cls, claims: Claims | None) -> Self:
        """The authority of verified claims; without claims, of an anonymous visitor."""
        if claims is None:
            return cls("anonymous")
        return cls(claims.sub, claims.sub, claims.client_id, claims.tenant, frozenset(claims.roles))

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

    def predicate(self, reach: Reach, parameters: Parameters) -> str:
        """The SQL condition that keeps what this authority does not reach out of sight."""
        if self.is_system or reach is Reach.EVERYONE:
            return "TRUE"
        column, value = ("owner", self.sub) if reach is Reach.OWNER else ("tenant", self.tenant)
        return "FALSE" if value is None else f"{column} = {parameters.add(value)}"

    def reaches(self, reach: Reach, owner: str | None, tenant: str | None) -> bool:
        """The same rule for a row at hand."""
        if self.is_system or reach is Reach.EVERYONE:
            return True
        mine, its = (self.sub, owner) if reach is Reach.OWNER else (self.tenant, tenant)
        return mine is not None and mine == its

    def may_write(self, kind: EntityType[msgspec.Struct]) -> bool:
        """Whether this authority may write rows of the kind at all; ``predicate`` says which."""
        if self.is_system:
            return True
        if self.sub is None or (kind.reach is Reach.TENANT and self.tenant is None):
            return False
        if kind.reach is Reach.EVERYONE or kind.writers:
            return not self.roles.isdisjoint(kind.writers)
        return True

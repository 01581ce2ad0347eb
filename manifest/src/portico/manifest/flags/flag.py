"""Flags as values: variants, and rules that say who is given which."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

Scalar = str | int | float | bool
_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions, all of which must hold, each by any of its values; an empty one asks for nothing.

    Who meets them is given ``variant``, or one of ``percentages``: variant to its share in hundredths of a percent,
    10,000 in all. Exactly one of the two is there. ``candidate_of`` are short names of apps.
    """

    variant: str | None = None
    percentages: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    roles: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    candidate_of: frozenset[str] = frozenset()
    attributes: Mapping[str, tuple[Scalar, ...]] = field(default_factory=lambda: _NOTHING)

    @property
    def is_unconditional(self) -> bool:
        """Whether it holds for everyone, so that no later rule is ever asked."""
        return not (self.roles or self.users or self.channels or self.candidate_of or self.attributes)

    def to_document(self) -> dict[str, Any]:
        """Return the rule as JSON."""
        return dict(self._members())

    def _members(self) -> Iterator[tuple[str, Any]]:
        for name, values in (
            ("roles", self.roles),
            ("users", self.users),
            ("channels", self.channels),
            ("candidateOf", self.candidate_of),
        ):
            if values:
                yield name, sorted(values)
        if self.attributes:
            yield "attributes", {name: list(values) for name, values in self.attributes.items()}
        if self.variant is not None:
            yield "variant", self.variant
        else:
            yield "percentages", {name: _percent(share) for name, share in self.percentages.items()}


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: its team, the JSON value of each variant, and the rules, of which the first that holds decides.

    ``default`` is the variant for whom no rule holds, and for everyone while the flag is not ``enabled``.
    """

    key: str
    team: str
    variants: Mapping[str, Any]
    default: str
    rules: tuple[Rule, ...] = ()
    enabled: bool = True
    description: str = ""

    @property
    def asks_for_cohorts(self) -> bool:
        """Whether a rule wants to know which release of an app the person is shown."""
        return any(rule.candidate_of for rule in self.rules)

    def to_document(self) -> dict[str, Any]:
        """Return the flag as JSON, as it is kept and shown."""
        return {
            "key": self.key,
            "team": self.team,
            "description": self.description,
            "enabled": self.enabled,
            "variants": dict(self.variants),
            "defaultVariant": self.default,
            "rules": [rule.to_document() for rule in self.rules],
        }


@dataclass(frozen=True, slots=True)
class FlagRevision:
    """One numbered state of a flag, with who made it, when (aware, UTC) and why; without ``flag`` it was deleted."""

    key: str
    team: str
    number: int
    who: str
    at: datetime
    why: str
    flag: Flag | None

    def to_document(self) -> dict[str, Any]:
        """Return the revision as the API answers it."""
        state = self.flag.to_document() if self.flag else {"key": self.key, "team": self.team, "deleted": True}
        at = self.at.isoformat(timespec="milliseconds")
        return state | {"revision": self.number, "who": self.who, "at": at, "why": self.why}


def _percent(share: int) -> int | float:
    return share // 100 if share % 100 == 0 else share / 100

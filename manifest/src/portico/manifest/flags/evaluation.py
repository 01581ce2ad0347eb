"""Evaluation: from a flag and a context to a variant. Pure; the words are OpenFeature's (specification, types)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from portico.manifest.flags.errors import TargetingKeyMissing
from portico.manifest.flags.flag import Flag, Rule, Scalar
from portico.manifest.flags.split import variant_of

Reason = Literal["STATIC", "DEFAULT", "TARGETING_MATCH", "SPLIT", "DISABLED"]


@dataclass(frozen=True, slots=True)
class Context:
    """Whom a flag is evaluated for. ``key`` is OpenFeature's targeting key, ``None`` when nobody in particular is.

    ``candidates`` are the short names of the apps whose candidate release the person is shown.
    """

    key: str | None = None
    roles: frozenset[str] = frozenset()
    channel: str = "live"
    candidates: frozenset[str] = frozenset()
    attributes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What somebody is given, and why."""

    key: str
    variant: str
    value: Any
    reason: Reason


def evaluate(flag: Flag, context: Context) -> Evaluation:
    """Return what the context's person is given: by the first rule that holds, else the default.

    Raises ``TargetingKeyMissing`` when that rule shares people out and the context names nobody.
    """
    variant, reason = _choice(flag, context)
    return Evaluation(flag.key, variant, flag.variants[variant], reason)


def _choice(flag: Flag, context: Context) -> tuple[str, Reason]:
    if not flag.enabled:
        return flag.default, "DISABLED"
    rule = next((rule for rule in flag.rules if _holds(rule, context)), None)
    if rule is None:
        return flag.default, "DEFAULT" if flag.rules else "STATIC"
    if rule.variant is not None:
        return rule.variant, "TARGETING_MATCH"
    if context.key is None:
        raise TargetingKeyMissing(f"{flag.key} is shared out by percentages: the context needs a targetingKey")
    return variant_of(flag.key, rule.percentages, context.key), "SPLIT"


def _holds(rule: Rule, context: Context) -> bool:
    return (
        (not rule.roles or not rule.roles.isdisjoint(context.roles))
        and (not rule.users or context.key in rule.users)
        and (not rule.channels or context.channel in rule.channels)
        and (not rule.candidate_of or not rule.candidate_of.isdisjoint(context.candidates))
        and all(_has(context.attributes.get(name), wanted) for name, wanted in rule.attributes.items())
    )


def _has(value: Any, wanted: tuple[Scalar, ...]) -> bool:
    """Tell whether a value, or an item of a list, is one of those wanted. In JSON ``true`` is not ``1``."""
    values = value if isinstance(value, list) else [value]
    return any(isinstance(one, bool) == isinstance(other, bool) and one == other for one in values for other in wanted)

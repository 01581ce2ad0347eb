"""Patterns of event types: dotted names in which ``*`` stands for one whole part (``thing.*``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from portico.bff.errors import DeclarationError

_PATTERN = re.compile(r"([a-z][a-z0-9-]*|\*)(\.([a-z][a-z0-9-]*|\*))+")


def checked(pattern: str) -> str:
    """Return the pattern; raises ``DeclarationError`` for one that no event type could match."""
    if not _PATTERN.fullmatch(pattern):
        raise DeclarationError(f"{pattern!r} is no pattern of event types such as 'thing.changed' or 'thing.*'")
    return pattern


@lru_cache(maxsize=4096)  # asked of every event for every rule
def matches(pattern: str, type_: str) -> bool:
    """Whether events of this type are meant."""
    parts, given = pattern.split("."), type_.split(".")
    return len(parts) == len(given) and all(part in {"*", one} for part, one in zip(parts, given, strict=True))


def covering(patterns: Iterable[str]) -> tuple[str, ...]:
    """Return patterns that mean at least the same types, no two of them the same type.

    The hub refuses a consumer whose filters overlap. ``a.*`` and ``*.b`` become ``*.*``: what nobody asked for is
    passed over when it comes.
    """
    apart: list[str] = []
    for pattern in sorted(set(patterns)):
        joined = pattern
        while (other := next((one for one in apart if _overlap(one, joined)), None)) is not None:
            apart.remove(other)
            joined = _join(other, joined)
        apart.append(joined)
    return tuple(sorted(apart))


def _overlap(a: str, b: str) -> bool:
    pairs = list(zip(a.split("."), b.split("."), strict=False))
    return a.count(".") == b.count(".") and all(one == other or "*" in {one, other} for one, other in pairs)


def _join(a: str, b: str) -> str:
    return ".".join(one if one == other else "*" for one, other in zip(a.split("."), b.split("."), strict=True))

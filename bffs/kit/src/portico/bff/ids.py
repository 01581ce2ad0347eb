"""Ids and time. Ids are UUIDv7 (RFC 9562): ordered by time, so that new rows go to the end of every index."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import uuid6

Clock = Callable[[], int]
"""Tells the time in milliseconds since the epoch. Tests pass their own."""

_NAMESPACE = uuid.UUID("6f0d6a0e-2f0c-5f43-9a5b-0c1f6d0f7b11")


def system_clock() -> int:
    """The time of this machine, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """A new UUIDv7 in its usual text form, greater than every one this process made before."""
    return str(uuid6.uuid7())


def derived_id(*parts: str) -> str:
    """A UUIDv5 that is the same for the same parts, everywhere and always."""
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts)))


def born_at(text: str) -> int | None:
    """The milliseconds since the epoch inside a UUIDv7, or None for anything else."""
    try:
        value = uuid.UUID(text)
    except ValueError:
        return None
    return value.int >> 80 if value.version == 7 else None

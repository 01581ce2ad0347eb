"""Ids and time. Ids are UUIDv7 (RFC 9562): ordered by time, so that new rows go to the end of every index."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable

import uuid6

Clock = Callable[[], int]
"""Tells the time in milliseconds since the epoch. Tests pass their own."""


def system_clock() -> int:
    """The time of this machine, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """A new UUIDv7 in its usual text form, greater than every one this process made before."""
    return str(uuid6.uuid7())


def derived_id(born: int, *parts: str) -> str:
    """A UUID that is the same for the same arguments, everywhere and always.

    ``born``, in milliseconds since the epoch, comes first in it, so that derived ids are ordered by time as well. It is
    a UUIDv8 (RFC 9562): UUIDv7's layout with 74 bits of SHA-256 for its random ones.
    """
    digest = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:10], "big")
    high = (born & 0xFFFF_FFFF_FFFF) << 16 | 0x8000 | digest >> 68
    return str(uuid.UUID(int=high << 64 | 0b10 << 62 | digest & 0x3FFF_FFFF_FFFF_FFFF))


def born_at(text: str) -> int | None:
    """The milliseconds since the epoch inside a UUIDv7, or None for anything else."""
    try:
        value = uuid.UUID(text)
    except ValueError:
        return None
    return value.int >> 80 if value.version == 7 else None

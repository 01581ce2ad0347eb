"""Ids and time. Ids are UUIDv7 (RFC 9562): ordered by time, so that new rows go to the end of every index."""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Final

_SEVENTH: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

Clock = Callable[[], int]
"""Tells the time in milliseconds since the epoch. Tests pass their own."""


_RANDOM_BITS: Final = 74
_RANDOM: Final = (1 << _RANDOM_BITS) - 1
_POOL: Final = 256


def system_clock() -> int:
    """The time of this machine, in milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """A new UUIDv7 in its usual text form, greater than every one this process made before.

    Within a millisecond, and when the clock steps back, it counts on from the last one in random steps (RFC 9562,
    section 6.2, method 2). Made here because it is made several times per command: a fifth of a library's time.
    """
    return _makers[0].make()


def command_id(key: str | None) -> str:
    """The id of what a command makes: its idempotency key where that is a UUIDv7 in its usual text form, else a new id.

    So a page knows the id before the command is sent, be it days later.
    """
    if key is not None and born_at(key) is not None and key == str(uuid.UUID(key)):
        return key
    return new_id()


def derived_id(born: int, *parts: str) -> str:
    """A UUID that is the same for the same arguments, everywhere and always.

    ``born``, in milliseconds since the epoch, comes first in it, so that derived ids are ordered by time as well. It is
    a UUIDv8 (RFC 9562): UUIDv7's layout with 74 bits of SHA-256 for its random ones.
    """
    digest = int.from_bytes(hashlib.sha256("\x1f".join(parts).encode()).digest()[:10], "big")
    return _as_text(born & 0xFFFF_FFFF_FFFF, 0x8000, digest >> 6)


@lru_cache(maxsize=1024)  # asked several times of each command's key
def born_at(text: str) -> int | None:
    """The milliseconds since the epoch inside a UUIDv7, or None for anything else."""
    if _SEVENTH.fullmatch(text):
        return int(text[:8] + text[9:13], 16)
    try:
        value = uuid.UUID(text)
    except ValueError:
        return None
    return value.int >> 80 if value.version == 7 else None


def _as_text(born: int, version: int, rest: int) -> str:
    """Lay out 48 bits of time, the version, and 74 other bits around the variant, as RFC 9562 says."""
    high, low = rest >> 62, rest & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    digits = f"{born:012x}{version | high:04x}{low:016x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


class _Maker:
    """The ids of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0  # the last id's time and random bits, as one number
        self._pool: list[int] = []

    def make(self) -> str:
        with self._lock:
            random = self._pool.pop() if self._pool else self._refill()
            born = time.time_ns() // 1_000_000 << _RANDOM_BITS
            if born > self._last:
                self._last = born | random >> 7  # of 80 bits 73: the highest stays 0, room to count
            else:
                self._last += 1 + (random & 0xFFFF_FFFF)
            value = self._last
        return _as_text(value >> _RANDOM_BITS, 0x7000, value & _RANDOM)

    def _refill(self) -> int:
        # Many at once: every call into the kernel lets another thread go first, and then waits for it.
        drawn = os.urandom(10 * _POOL)
        self._pool = [int.from_bytes(drawn[at : at + 10], "big") for at in range(0, len(drawn), 10)]
        return self._pool.pop()


_makers = [_Maker()]
os.register_at_fork(after_in_child=lambda: _makers.__setitem__(0, _Maker()))  # or two processes would make the same

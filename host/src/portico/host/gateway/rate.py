"""How often somebody may call: the generic cell rate algorithm (ITU-T I.371), a leaky bucket of one number each."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

from portico.host.clock import Clock
from portico.problem import Problem

_MOST = 50_000
"""How many callers are remembered, at some 200 bytes each."""
_BURST_S = 10


@dataclass(frozen=True, slots=True)
class Refused:
    """`wait_s` seconds until the next call may pass."""

    wait_s: float


class Rate:
    """`per_minute` calls of each caller on average; those of 10 seconds may come at once. 0: as many as they like.

    Each process counts for itself.
    """

    def __init__(self, name: str, per_minute: int, clock: Clock) -> None:
        self._name = name
        self._clock = clock
        self._every = 60 / per_minute if per_minute else 0.0
        self._burst = max(1, per_minute * _BURST_S // 60)
        self._slack = (self._burst - 1) * self._every
        self._due: OrderedDict[Hashable, float] = OrderedDict()

    def take(self, caller: Hashable) -> Refused | None:
        """Count one call; `None` when it may pass."""
        if not self._every:
            return None
        now = self._clock()
        due = self._due.get(caller)
        if due is None:
            if len(self._due) >= _MOST:  # who has been known for longest is forgotten; a flood costs no more than this
                self._due.popitem(last=False)
            due = now
        elif due < now:
            due = now
        elif due - now > self._slack:
            return Refused(due - now - self._slack)
        self._due[caller] = due + self._every
        return None

    def check(self, caller: Hashable, who: str) -> None:
        """Count one call; raises a 429 problem with `Retry-After` when it is one too many. `who` is for people."""
        refused = self.take(caller)
        if refused is None:
            return
        wait = max(1, math.ceil(refused.wait_s))
        raise Problem(
            "too-many-calls",
            status=429,
            title="Too many calls",
            detail=f"{who} called too often. Wait {wait} s.",
            headers={
                "Retry-After": str(wait),
                "RateLimit-Policy": f'"{self._name}";q={self._burst};w={_BURST_S}',
                "RateLimit": f'"{self._name}";r=0;t={wait}',
            },
        )

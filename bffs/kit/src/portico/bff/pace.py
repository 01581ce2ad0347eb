"""How fast a rule may go."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable


class Pace:
    """Lets ``rate`` events a second go on, and a second's worth of them at once after a pause."""

    def __init__(
        self, rate: float, sleep: Callable[[float], Awaitable[None]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = rate
        self._sleep = sleep
        self._clock = clock
        self._free = float("-inf")  # when everything that was let go on has had its time

    async def wait(self, count: int) -> None:
        """Wait until ``count`` events may go on."""
        now = self._clock()
        self._free = max(self._free, now - 1.0) + count / self._rate
        if self._free > now:
            await self._sleep(self._free - now)

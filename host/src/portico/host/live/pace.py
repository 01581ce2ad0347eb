"""How often something may happen."""

from __future__ import annotations

from collections import deque


class Pace:
    """At most `most` times within any `within_s` seconds. Times are seconds of one monotonic clock."""

    def __init__(self, most: int, within_s: float) -> None:
        self._within_s = within_s
        self._last: deque[float] = deque(maxlen=most)

    def allows(self, now: float) -> bool:
        """Note that it happens now; say whether that is not too often."""
        last = self._last
        is_too_often = len(last) == last.maxlen and now - last[0] < self._within_s
        last.append(now)
        return not is_too_often

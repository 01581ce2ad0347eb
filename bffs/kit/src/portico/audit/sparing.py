"""Keeps who repeats themselves from filling the audit."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

EVERY_S: Final = 60.0
"""The same refusal is written once in this many seconds. Documented."""

_MOST: Final = 4096


class Sparing:
    """Tells what was written just now. `clock` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._written: OrderedDict[Hashable, float] = OrderedDict()

    def is_due(self, what: Hashable) -> bool:
        """Whether this is to be written; until `EVERY_S` later, it is not again."""
        now = self._clock()
        if now - self._written.get(what, float("-inf")) < EVERY_S:
            return False
        self._written[what] = now
        self._written.move_to_end(what)
        if len(self._written) > _MOST:
            self._written.popitem(last=False)
        return True

    def forget(self, what: Hashable) -> None:
        """It was not written after all."""
        self._written.pop(what, None)

"""Calls that last longer than a moment, noticed with one timer for all: most are over before, and cost nothing."""

from __future__ import annotations

import asyncio
from typing import Protocol


class Lasting(Protocol):
    """A call under way."""

    def watch(self) -> None:
        """Be told, once, that it lasts."""


class Watch:
    """Tells a call that it lasts, between `after_s` seconds and twice as long after it began."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._new: set[Lasting] = set()
        self._older: set[Lasting] = set()
        self._looks = False

    def begin(self, call: Lasting) -> None:
        """A call is under way, until `end`."""
        self._new.add(call)
        if not self._looks:
            self._looks = True
            asyncio.get_running_loop().call_later(self._after_s, self._look)

    def end(self, call: Lasting) -> None:
        """It is over."""
        self._new.discard(call)
        self._older.discard(call)

    def _look(self) -> None:
        lasting, self._older, self._new = self._older, self._new, set()
        self._looks = bool(self._older)
        if self._looks:
            asyncio.get_running_loop().call_later(self._after_s, self._look)
        for call in lasting:
            call.watch()

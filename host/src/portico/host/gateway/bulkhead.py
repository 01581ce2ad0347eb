"""How many calls may be under way: to one app, and of one person to it. One slow BFF must not exhaust the host."""

from __future__ import annotations

from collections.abc import Hashable
from types import TracebackType

Slot = tuple[Hashable, int]
"""Whose call it is, and how many of theirs may be under way."""


class Full(Exception):
    """As many calls are under way as may be."""


class Bulkhead:
    """Counts calls under way by whose they are."""

    def __init__(self) -> None:
        self.under_way: dict[Hashable, int] = {}

    def slots(self, *whose: Slot) -> Slots:
        """A context manager in which one call is under way; entering raises `Full` when one of them has its limit."""
        return Slots(self.under_way, whose)


class Slots:
    """One call's places. A class, for it costs a quarter of what a generator does, with every call."""

    __slots__ = ("_under_way", "_whose")

    def __init__(self, under_way: dict[Hashable, int], whose: tuple[Slot, ...]) -> None:
        self._under_way = under_way
        self._whose = whose

    def __enter__(self) -> Slots:
        """Take the places; raises `Full`."""
        self._take(self._whose)
        return self

    def change(self, *whose: Slot) -> None:
        """Take these places instead; raises `Full`, and keeps the ones it has."""
        self._take(whose)
        self._leave()
        self._whose = whose

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave them."""
        self._leave()

    def _take(self, whose: tuple[Slot, ...]) -> None:
        under_way = self._under_way
        for key, limit in whose:
            if under_way.get(key, 0) >= limit:
                raise Full
        for key, _ in whose:
            under_way[key] = under_way.get(key, 0) + 1

    def _leave(self) -> None:
        for key, _ in self._whose:
            left = self._under_way[key] - 1
            if left:
                self._under_way[key] = left
            else:
                del self._under_way[key]

"""The newest messages in memory: most clients that come back were here a moment ago."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import merge
from operator import attrgetter

from portico.host.live.frame import Stored
from portico.host.live.limits import LiveLimits

_seq = attrgetter("seq")


class Recent:
    """Every message of all feeds after `floor`, up to the newest; the oldest give way.

    So clients that reconnect together, or while the hub is away, are answered without asking the hub.
    """

    def __init__(self, limits: LiveLimits) -> None:
        self._limits = limits
        self._all: deque[Stored] = deque()
        self._by_subject: dict[str, deque[Stored]] = {}
        self._bytes = 0
        self.floor = 0

    def clear(self, floor: int) -> None:
        """Begin anew after `floor`."""
        self._all.clear()
        self._by_subject.clear()
        self._bytes, self.floor = 0, floor

    def add(self, stored: Stored) -> None:
        """Remember the newest message."""
        self._all.append(stored)
        self._by_subject.setdefault(stored.subject, deque()).append(stored)
        self._bytes += len(stored)
        while len(self._all) > self._limits.recent_frames or self._bytes > self._limits.recent_bytes:
            self._forget_oldest()

    def after(self, subjects: Sequence[str], seq: int, upto: int) -> list[Stored]:
        """The messages of these feeds after `seq` and up to `upto`, in order; whole only for `seq` >= `floor`."""
        found = [
            [stored for stored in self._by_subject.get(subject, ()) if seq < stored.seq <= upto] for subject in subjects
        ]
        return found[0] if len(found) == 1 else list(merge(*found, key=_seq))

    def _forget_oldest(self) -> None:
        oldest = self._all.popleft()
        self._bytes -= len(oldest)
        self.floor = oldest.seq
        of_subject = self._by_subject[oldest.subject]
        of_subject.popleft()
        if not of_subject:
            del self._by_subject[oldest.subject]

"""The newest messages in memory: most clients that come back were here a moment ago."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import merge
from operator import attrgetter

from portico.host.live.frame import Stored
from portico.host.live.limits import LiveLimits

_seq = attrgetter("seq")
_MOST_FORGOTTEN = 100_000


class Recent:
    """The newest messages of all feeds; the oldest give way, and for each feed it is known from where on it is whole.

    So clients that reconnect together, or while the hub is away, are answered without asking the hub, also those whose
    own feed has been silent for long while others talked.
    """

    def __init__(self, limits: LiveLimits) -> None:
        self._limits = limits
        self._all: deque[Stored] = deque()
        self._by_subject: dict[str, deque[Stored]] = {}
        self._forgotten: dict[str, int] = {}
        self._bytes = 0
        self._base = 0

    def clear(self, base: int) -> None:
        """Begin anew: messages after `base` follow."""
        self._all.clear()
        self._by_subject.clear()
        self._forgotten.clear()
        self._bytes, self._base = 0, base

    def add(self, stored: Stored) -> None:
        """Remember the newest message."""
        self._all.append(stored)
        self._by_subject.setdefault(stored.subject, deque()).append(stored)
        self._bytes += len(stored)
        while len(self._all) > self._limits.recent_frames or self._bytes > self._limits.recent_bytes:
            self._forget_oldest()

    def floor(self, subjects: Sequence[str]) -> int:
        """The seq after which nothing of these feeds is missing here."""
        return max(self._forgotten.get(subject, self._base) for subject in subjects)

    def after(self, subjects: Sequence[str], seq: int, upto: int) -> list[Stored]:
        """The messages of these feeds after `seq` and up to `upto`, in order; those after their `floor` at least."""
        found = [
            [stored for stored in self._by_subject.get(subject, ()) if seq < stored.seq <= upto] for subject in subjects
        ]
        return found[0] if len(found) == 1 else list(merge(*found, key=_seq))

    def _forget_oldest(self) -> None:
        oldest = self._all.popleft()
        self._bytes -= len(oldest)
        of_subject = self._by_subject[oldest.subject]
        of_subject.popleft()
        if not of_subject:
            del self._by_subject[oldest.subject]
        self._forgotten[oldest.subject] = oldest.seq
        if len(self._forgotten) > _MOST_FORGOTTEN:
            self._forgotten.clear()
            self._base = oldest.seq  # whole from here on, whatever the feed

"""Who is connected here: by feed, by session, by person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from portico.host.live.connection import Connection
from portico.host.live.frame import Stored

SLOTS = 60
"""Into how many groups connections are dealt; each group has its turn once per heartbeat."""


class Registry:
    """The open streams of this process. It keeps nothing of those that have ended."""

    def __init__(self, *, streams_each: int) -> None:
        self._streams_each = streams_each
        self._by_subject: dict[str, set[Connection]] = {}
        self._by_session: dict[str, set[Connection]] = {}
        self._of_person: Counter[str] = Counter()
        self._slots: tuple[set[Connection], ...] = tuple(set() for _ in range(SLOTS))
        self._next_slot = 0

    def __len__(self) -> int:
        """How many streams are open."""
        return self._of_person.total()

    def __iter__(self) -> Iterator[Connection]:
        """Every open stream."""
        return chain.from_iterable([tuple(slot) for slot in self._slots])

    def is_full(self, sub: str) -> bool:
        """Whether this person has as many streams as one may have."""
        return self._of_person[sub] >= self._streams_each

    def add(self, connection: Connection) -> None:
        """From now on, it hears its feeds."""
        for subject in connection.subjects:
            self._by_subject.setdefault(subject, set()).add(connection)
        self._by_session.setdefault(connection.session_id, set()).add(connection)
        self._of_person[connection.sub] += 1
        # Dealt round, so that those who came together do not get their heartbeats together.
        connection.slot = self._next_slot
        self._next_slot = (self._next_slot + 1) % SLOTS
        self._slots[connection.slot].add(connection)

    def remove(self, connection: Connection) -> None:
        """It hears nothing any more."""
        for subject in connection.subjects:
            _discard(self._by_subject, subject, connection)
        _discard(self._by_session, connection.session_id, connection)
        self._of_person[connection.sub] -= 1
        if not self._of_person[connection.sub]:
            del self._of_person[connection.sub]
        self._slots[connection.slot].discard(connection)

    def deliver(self, stored: Stored) -> None:
        """Hand a message to everybody who hears its feed."""
        for connection in self._by_subject.get(stored.subject, ()):
            connection.offer(stored)

    def slot(self, number: int) -> tuple[Connection, ...]:
        """The streams of one group."""
        return tuple(self._slots[number])

    def of_session(self, session_id: str) -> tuple[Connection, ...]:
        """The streams of one session."""
        return tuple(self._by_session.get(session_id, ()))


def _discard(sets: dict[str, set[Connection]], key: str, connection: Connection) -> None:
    found = sets.get(key)
    if found is not None:
        found.discard(connection)
        if not found:
            del sets[key]

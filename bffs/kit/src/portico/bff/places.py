"""Where the listeners of a service are in the hub's stream, and which of its processes reads on."""

from __future__ import annotations

from typing import Final, cast

from portico.bff.deliveries import Arrival, Position
from portico.bff.ids import new_id
from portico.bff.store import EntityStore
from portico.sql import Statement

_SAVE_MS: Final = 1000  # so much is read again after a crash; the inbox knows what of it was taken
_SAVE_EVENTS: Final = 2000


class Place:
    """One consumer's place, kept in the service's store, with a lease for one process at a time.

    The lease saves work and is not what keeps the order: whoever reads takes the events one after the other, and what
    another has committed is in the inbox. ``lease`` is in seconds: so long a consumer waits whose process died. It is
    taken only when there is something to do: what is idle writes nothing.
    """

    def __init__(self, store: EntityStore, consumer: str, lease: float) -> None:
        self._store = store
        self._consumer = consumer
        self._lease = int(lease * 1000)
        self._holder = new_id()
        self._until = 0
        self._at = Position()
        self._unsaved = 0
        self._saved_at = 0

    async def find(self) -> Position:
        """Where to begin to read."""
        self._at, self._until, self._unsaved = await self._read(), 0, 0
        return self._at

    async def passed(self, arrival: Arrival) -> bool:
        """Whether another has dealt with this message, and said so."""
        at = await self._read()
        return at.stream == arrival.position.stream and at.seq >= arrival.position.seq

    async def claim(self) -> bool:
        """Be the one who reads on, for a while; False while another is."""
        now = self._store.now()
        if now < self._until - self._lease // 2:
            return True
        rows = await self._store.database.write(
            [
                Statement(
                    "INSERT INTO places (consumer, stream, seq, holder, until) VALUES ($1, '', 0, $2, $3)"
                    " ON CONFLICT (consumer) DO UPDATE SET holder = excluded.holder, until = excluded.until"
                    " WHERE places.holder = $2 OR places.until <= $4 RETURNING 1",
                    (self._consumer, self._holder, now + self._lease, now),
                )
            ]
        )
        self._until = now + self._lease if rows[0] else 0
        return bool(rows[0])

    async def dealt(self, last: Arrival, count: int) -> bool:
        """Go on behind ``last``, ``count`` messages further; False when another has taken over: ``find`` the place."""
        self._at = last.position
        self._unsaved += count
        now = self._store.now()
        if self._unsaved < _SAVE_EVENTS and now < self._saved_at + _SAVE_MS:
            return True
        self._saved_at = now
        return await self._save(now + self._lease)

    async def reached(self, position: Position) -> bool:
        """The same for what is read in large portions: it is kept at once."""
        self._at = position
        return await self._save(self._until)

    async def keep(self) -> None:
        """Keep what was dealt with and not kept yet: what is idle has nothing more coming that would do it."""
        if self._unsaved and self._until:
            await self._save(self._until)

    async def leave(self) -> None:
        """Let another read on at once."""
        if self._until and await self._save(0):
            self._until = 0

    async def _read(self) -> Position:
        rows = await self._store.database.read("SELECT stream, seq FROM places WHERE consumer = $1", (self._consumer,))
        return Position(*cast("tuple[str, int]", rows[0])) if rows else Position()

    async def _save(self, until: int) -> bool:
        rows = await self._store.database.write(
            [
                Statement(
                    "UPDATE places SET stream = $1, seq = $2, until = $3"
                    " WHERE consumer = $4 AND holder = $5 RETURNING 1",
                    (self._at.stream, self._at.seq, until, self._consumer, self._holder),
                )
            ]
        )
        self._unsaved = 0
        self._until = until if rows[0] else 0
        return bool(rows[0])

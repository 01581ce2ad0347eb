"""Sweeps the micro event store: what the lake has had for a week need not be in the service's own store."""

from __future__ import annotations

from typing import Final

from portico.bff.event_store import forget_kept
from portico.bff.hub import Hub, LakeState
from portico.bff.store import EntityStore

KEEP_MS: Final = 7 * 24 * 3_600_000
"""Published events stay for a week, to be published again: longer than the clocks of two machines can differ."""


class LakeSweep:
    """Compares what the hub had at one look with what the lake has at a later one; removes nothing without a lake."""

    def __init__(self, store: EntityStore, hub: Hub) -> None:
        self._store = store
        self._hub = hub
        self._seen: LakeState | None = None
        self._seen_at = 0

    async def look(self) -> int:
        """Look again; return how many events were removed. Raises ``HubUnavailable`` and what the store raises."""
        now = self._store.now()  # before the hub is asked: what was published until now is among what it has
        state = await self._hub.lake()
        seen, seen_at = self._seen, self._seen_at
        if state is None or (seen is not None and state.stream != seen.stream):
            self._seen = None
            return 0
        if seen is not None and state.kept < seen.last:
            return 0
        self._seen, self._seen_at = state, now
        return 0 if seen is None else await forget_kept(self._store, until=seen_at - KEEP_MS)

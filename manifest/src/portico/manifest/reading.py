"""What a process knows of the manifest: releases, and the latest state of each channel; never out of date."""

import asyncio

from portico.manifest.channel import ChannelRevision
from portico.manifest.release import Release
from portico.manifest.state import ChannelState
from portico.manifest.store import ManifestStore


class Reader:
    """Reads the store. Releases are immutable, so ``remembered`` of them, the latest used, are read once."""

    def __init__(self, store: ManifestStore, *, remembered: int) -> None:
        self._store = store
        self._most_remembered = remembered
        self._remembered: dict[str, Release] = {}
        self._states: dict[str, ChannelState] = {}
        self._loading = asyncio.Lock()

    async def release(self, app: str, digest: str) -> Release:
        """Return a release; raises ``UnknownRelease``."""
        known = self._remembered.get(digest)
        release = known if known is not None and known.app == app else await self._store.release(app, digest)
        self._remembered.pop(digest, None)  # a dictionary is in the order of insertion: the oldest is the least used
        self._remembered[digest] = release
        while len(self._remembered) > self._most_remembered:
            self._remembered.pop(next(iter(self._remembered)))
        return release

    async def state(self, channel: str) -> ChannelState:
        """Return the channel as it is now: one tiny read when nothing changed, else what changed, whoever did it."""
        number = await self._store.head(channel)
        known = self._states.get(channel)
        if known is not None and known.revision.number >= number:
            return known
        async with self._loading:
            known = self._states.get(channel)
            if known is None:
                loaded = await self.state_at(channel, number)
            elif known.revision.number >= number:
                return known
            else:
                loaded = await self.advanced(known, await self._store.latest(known.revision))
            return self.adopt(loaded)

    async def state_at(self, channel: str, number: int) -> ChannelState:
        """Return the channel as it was at a revision; raises ``UnknownRevision``."""
        empty = ChannelState(ChannelRevision.empty(channel), {})
        return await self.advanced(empty, await self._store.revision(channel, number))

    async def advanced(
        self, before: ChannelState, revision: ChannelRevision, candidate: Release | None = None
    ) -> ChannelState:
        """Return the state of another revision of the channel, for which only new releases are read.

        ``candidate`` is a release that may not be stored yet.
        """
        if revision.entries is before.revision.entries:
            return ChannelState(revision, before.releases)
        found = {}
        for entry in revision.entries:
            for weighted in entry.releases:
                digest = weighted.digest
                if candidate is not None and digest == candidate.digest:
                    found[digest] = candidate
                else:
                    found[digest] = before.releases.get(digest) or await self.release(entry.app, digest)
        return ChannelState(revision, found)

    def adopt(self, state: ChannelState) -> ChannelState:
        """Take a state that the store has; returns the latest state that is known."""
        revision = state.revision
        known = self._states.get(revision.channel)
        if known is not None and known.revision.number >= revision.number:
            return known
        if revision.number:  # an unknown channel leaves nothing in memory
            self._states[revision.channel] = state
        return state

"""Every channel of a process: its writer, its checks, and what a change of it would be."""

from collections.abc import Callable, Mapping
from datetime import datetime

from portico.manifest.changing import ChangeRequest, ChannelWriter
from portico.manifest.channel import ChannelRevision
from portico.manifest.checking import ChannelChecks
from portico.manifest.errors import InvalidChannel, RevisionConflict
from portico.manifest.import_map import Module
from portico.manifest.previewing import Preview
from portico.manifest.reading import Reader
from portico.manifest.release import Release
from portico.manifest.state import ChannelState
from portico.manifest.store import ManifestStore


class Channels:
    """Changes channels, or says what a change would do."""

    def __init__(
        self, store: ManifestStore, reader: Reader, platform: Mapping[str, Module], now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._reader = reader
        self._platform = platform
        self._now = now
        self._open: dict[str, tuple[ChannelWriter, _Ground]] = {}

    async def change(self, channel: str, request: ChangeRequest) -> ChannelRevision:
        """Return the revision that holds the change; see ``ChannelWriter.change``."""
        writer, _ = self._of(channel)
        return await writer.change(request)

    async def preview(self, channel: str, request: ChangeRequest, candidate: Release | None = None) -> Preview:
        """Return what the change would do now, and change nothing; raises what ``change`` raises.

        ``candidate`` is a release that may not be stored yet.
        """
        _, ground = self._of(channel)
        before = await ground.current()
        current = before.revision
        if request.base is not None and request.base != current.number:
            raise RevisionConflict(channel, current.number)
        revision = request.make(current)
        if revision is current:
            return Preview(before, before)
        await request.permit(revision.diff(current))
        await request.suits(before)
        return Preview(before, await ground.checked(before, revision, candidate))

    async def close(self) -> None:
        """Finish the changes that wait."""
        for writer, _ in list(self._open.values()):  # another may be opened meanwhile
            await writer.close()

    def _of(self, channel: str) -> "tuple[ChannelWriter, _Ground]":
        if channel not in self._open:
            ground = _Ground(channel, self._reader, ChannelChecks(self._platform), self._now)
            self._open[channel] = ChannelWriter(self._store, ground), ground
        return self._open[channel]


class _Ground:
    """What a channel's writer stands on; see ``changing.Ground``."""

    def __init__(self, channel: str, reader: Reader, checks: ChannelChecks, now: Callable[[], datetime]) -> None:
        self._channel = channel
        self._reader = reader
        self._checks = checks
        self.now = now
        self.adopt = reader.adopt

    async def current(self) -> ChannelState:
        return await self._reader.state(self._channel)

    async def checked(
        self, before: ChannelState, revision: ChannelRevision, candidate: Release | None = None
    ) -> ChannelState:
        after = await self._reader.advanced(before, revision, candidate)
        if findings := self._checks.findings(before, after):
            raise InvalidChannel(findings)
        return after

"""The manifest: releases are published into it, channels changed in it, and pages rendered from it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from portico.manifest.access import Bearers, HttpFetch, Issuers, Signature, check_signature, check_signed
from portico.manifest.app_manifest import AppManifest
from portico.manifest.assets import AssetStore, FolderAssets
from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_entry import WHOLE, Authorship
from portico.manifest.content_types import effort_of
from portico.manifest.errors import (
    Finding,
    InvalidChannel,
    InvalidManifest,
    InvalidRelease,
    RevisionConflict,
    UnknownApp,
    UnknownRelease,
)
from portico.manifest.flags.flags import Flags
from portico.manifest.import_map import Module
from portico.manifest.module_graph import read_imports
from portico.manifest.release import Release, ReleaseFile, content_digest, make_release
from portico.manifest.snapshot import Snapshot
from portico.manifest.sql_schema import MIGRATIONS
from portico.manifest.sql_store import SqlManifestStore
from portico.manifest.state import ChannelState
from portico.manifest.store import ManifestStore, Page
from portico.manifest.tokens import EVERY_TEAM, DeployToken
from portico.manifest.unpacked import UnpackedApp
from portico.manifest.validation import check_channel, check_release, foreign_scopes
from portico.sql import open_database

LIVE = "live"
"""The channel that everyone sees."""

_REMEMBERED = 2048
"""How many releases are kept in memory, the latest used; they are immutable."""


def utc_now() -> datetime:
    """Return the time, aware, in UTC."""
    return datetime.now(UTC)


class Manifest:
    """Releases, channels and their history over a store and an asset store; any number of processes may share both.

    ``platform`` is what the host puts into every import map by itself: specifier to module. ``remembered`` is how many
    releases are kept in memory. ``issuers`` are the identity providers of teams' CIs.
    """

    def __init__(
        self,
        store: ManifestStore,
        assets: AssetStore,
        *,
        platform: Mapping[str, Module] | None = None,
        clock: Callable[[], datetime] = utc_now,
        remembered: int = _REMEMBERED,
        issuers: Issuers | None = None,
    ) -> None:
        self.store = store
        self.assets = assets
        self.platform: Mapping[str, Module] = dict(platform or {})
        self.flags = Flags(store.flags, clock=self.now)
        self._clock = clock
        self.bearers = Bearers(store.access, issuers or Issuers(HttpFetch()), self.now)
        self._most_remembered = remembered
        self._remembered: dict[str, Release] = {}
        self._states: dict[str, ChannelState] = {}
        self._loading = asyncio.Lock()

    @classmethod
    async def open(cls, database_url: str, assets: Path, *, platform: Mapping[str, Module] | None = None) -> "Manifest":
        """Open the database at ``database_url`` (created and migrated as needed) with the assets in a folder."""
        store = SqlManifestStore(await open_database(database_url, migrations=MIGRATIONS))
        await store.claim_packages()
        return cls(store, FolderAssets(assets), platform=platform)

    async def close(self) -> None:
        """Release the store."""
        await self.store.close()

    async def __aenter__(self) -> Self:
        """Return this manifest; leaving the block closes it."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self.close()

    def now(self) -> datetime:
        """Return the time in whole milliseconds, as it is stored."""
        now = self._clock()
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    # Reading

    async def state(self, channel: str = LIVE) -> ChannelState:
        """Return the channel as it is now: one tiny read when nothing changed, whoever may have changed it."""
        number = await self.store.head(channel)
        known = self._states.get(channel)
        if known is not None and known.revision.number == number:
            return known
        async with self._loading:
            known = self._states.get(channel)
            if known is not None and known.revision.number >= number:
                return known
            loaded = await self.state_at(channel, number)
            if number:  # an unknown channel leaves nothing in memory
                self._states[channel] = loaded
            return loaded

    async def state_at(self, channel: str, number: int) -> ChannelState:
        """Return the channel as it was at a revision; raises ``UnknownRevision``."""
        revision = await self.store.revision(channel, number)
        return ChannelState(revision, {one.digest: one for one in await self._releases_of(revision)})

    async def snapshot(
        self, channel: str = LIVE, *, visitor: str | None = None, overrides: Mapping[str, str] | None = None
    ) -> Snapshot:
        """Return what the channel shows a visitor now (see ``ChannelState.select``).

        ``overrides`` are digests of releases by app. Raises ``UnknownRelease`` for one that is not the app's.
        """
        state = await self.state(channel)
        return state.select(
            visitor, {app: await self.release(app, digest) for app, digest in (overrides or {}).items()}
        )

    async def snapshot_at(self, channel: str, number: int, *, visitor: str | None = None) -> Snapshot:
        """Return what the channel showed a visitor at a revision; raises ``UnknownRevision``."""
        return (await self.state_at(channel, number)).select(visitor)

    async def revision(self, channel: str = LIVE, number: int | None = None) -> ChannelRevision:
        """Return a revision of the channel, the current one without ``number``; raises ``UnknownRevision``."""
        return await self.store.revision(channel, await self.store.head(channel) if number is None else number)

    async def history(
        self, channel: str = LIVE, *, before: int | None = None, limit: int = 50
    ) -> Sequence[ChannelRevision]:
        """Return revisions, newest first, below number ``before``."""
        return await self.store.history(channel, before=before, limit=limit)

    async def release(self, app: str, digest: str) -> Release:
        """Return a release; raises ``UnknownRelease``."""
        known = self._remembered.get(digest)
        release = known if known is not None and known.app == app else await self.store.release(app, digest)
        self._remembered.pop(digest, None)  # a dictionary is in the order of insertion: the oldest is the least used
        self._remembered[digest] = release
        while len(self._remembered) > self._most_remembered:
            self._remembered.pop(next(iter(self._remembered)))
        return release

    async def releases(self, app: str | None = None, *, before: str | None = None, limit: int = 50) -> Page[Release]:
        """Return releases, newest first; raises ``InvalidCursor``."""
        return await self.store.releases(app, before=before, limit=limit)

    async def require_team(self, app: str, by: DeployToken) -> None:
        """Raise ``NotYourApp`` when the app is known and not the token's to change."""
        team = await self.store.team_of(app)
        if team is not None:
            by.require(team, app)

    # Changing

    async def publish(
        self,
        unpacked: UnpackedApp,
        *,
        by: DeployToken,
        app: str | None = None,
        channel: str | None = None,
        signature: Signature | None = None,
    ) -> tuple[Release, bool]:
        """Make the files a release; returns it, and whether it is new (the same bytes twice are one release).

        ``app`` is the short name it must have; with ``channel``, it must also fit into that channel as it is now. The
        files are durable before the release is known. ``signature`` is of the release's digest. Raises ``Refused`` in
        its kinds, ``VersionTaken``, ``NotYourApp``, ``SignatureRequired``, ``SignatureKeyRevoked``.
        """
        manifest = await asyncio.to_thread(unpacked.manifest)
        by.require(manifest.team, manifest.app)
        if app is not None and manifest.app != app:
            raise InvalidManifest([Finding("/name", f"{manifest.name!r} was sent as a release of {app!r}")])
        files = await asyncio.to_thread(unpacked.describe)
        release = await self._known(manifest.app, content_digest(files)) or await self._checked(
            manifest, files, unpacked, by
        )
        signed = await check_signature(self.store.access, release, signature, self.now())
        if channel is not None:
            revision = await self.revision(channel)
            await self._check(revision.promote(release.app, release.digest, self._authorship(by, "")), release)
        for file in release.files:
            await self.assets.put(file.integrity, unpacked.files[file.path], effort=effort_of(file.path))
        created = await self.store.add_release(release, signed)
        return await self.release(release.app, release.digest), created

    async def _known(self, app: str, digest: str) -> Release | None:
        try:
            return await self.release(app, digest)
        except UnknownRelease:
            return None

    async def _checked(
        self, manifest: AppManifest, files: Sequence[ReleaseFile], unpacked: UnpackedApp, by: DeployToken
    ) -> Release:
        """Return the release of files not seen before; raises ``InvalidRelease``."""
        graph, findings = await read_imports(unpacked.modules())
        files = [replace(file, imports=graph.get(file.path, ())) for file in files]
        findings += check_release(manifest, files) + foreign_scopes(manifest, await self.store.teams())
        if findings:
            raise InvalidRelease(findings)
        guest = await self.store.guests(manifest)
        return make_release(manifest, files, created_at=self.now(), creator=by.label, guest=guest)

    async def promote(
        self,
        app: str,
        digest: str,
        *,
        base: int,
        by: DeployToken,
        weight: int = WHOLE,
        why: str = "",
        channel: str = LIVE,
    ) -> ChannelRevision:
        """Point the channel at a release, for ``weight`` hundredths of the people; returns the revision that says so.

        ``base`` is the revision that the change was decided on. Raises ``RevisionConflict``, ``UnknownRelease``,
        ``NotYourApp``, ``InvalidChannel``.
        """
        by.require(await self._team_of(app), app)
        release = await self.release(app, digest)
        await check_signed(self.store.access, release)
        current = await self._current(channel, base)
        return await self._change(current, current.promote(app, digest, self._authorship(by, why), weight), release)

    async def retire(
        self, app: str, *, base: int, by: DeployToken, why: str = "", channel: str = LIVE
    ) -> ChannelRevision:
        """Take an app out of the channel; raises as ``promote`` does, and ``UnknownApp`` when it is not there."""
        by.require(await self._team_of(app), app)
        current = await self._current(channel, base)
        return await self._change(current, current.retire(app, self._authorship(by, why)))

    async def rollback(
        self, to: int, *, base: int, by: DeployToken, app: str | None = None, why: str = "", channel: str = LIVE
    ) -> ChannelRevision:
        """Make a revision equal to revision ``to``, in whole or in one app.

        Raises as ``promote`` does, and ``UnknownRevision``. The token must be allowed to change every
        app that would change.
        """
        current = await self._current(channel, base)
        target = await self.store.revision(channel, to)
        reason = why or f"rollback to revision {to}" + (f" of {app}" if app else "")
        changed = current.rollback(target, self._authorship(by, reason), app=app)
        for change in changed.diff(current):
            if change.kind == "app":
                by.require(await self._team_of(change.name), change.name)
            else:
                by.require(EVERY_TEAM)
        return await self._change(current, changed)

    async def edit(
        self, change: Callable[[ChannelRevision], ChannelRevision], *, channel: str = LIVE
    ) -> ChannelRevision:
        """Change a channel on whatever it is now, and return the revision that holds the change.

        ``change`` is pure: it is asked again with the newer revision when somebody else was faster. Raises what it
        raises, and ``InvalidChannel``.
        """
        while True:
            current = await self.revision(channel)
            try:
                return await self._change(current, change(current))
            except RevisionConflict:
                continue

    async def _current(self, channel: str, base: int) -> ChannelRevision:
        head = await self.store.head(channel)
        if head != base:
            raise RevisionConflict(channel, head)
        return await self.store.revision(channel, head)

    async def _change(
        self, current: ChannelRevision, changed: ChannelRevision, release: Release | None = None
    ) -> ChannelRevision:
        if changed is not current:
            await self._check(changed, release)
            await self.store.append(current, [changed])
        return changed

    async def _check(self, revision: ChannelRevision, candidate: Release | None = None) -> None:
        """Raise ``InvalidChannel`` when the revision would not work; ``candidate`` may not be stored yet."""
        releases = await self._releases_of(revision, candidate)
        if findings := check_channel(releases, self.platform, revision.externals):
            raise InvalidChannel(findings)

    async def _releases_of(self, revision: ChannelRevision, candidate: Release | None = None) -> list[Release]:
        found = []
        for entry in revision.entries:
            for weighted in entry.releases:
                if candidate is not None and weighted.digest == candidate.digest:
                    found.append(candidate)
                else:
                    found.append(await self.release(entry.app, weighted.digest))
        return found

    async def _team_of(self, app: str) -> str:
        team = await self.store.team_of(app)
        if team is None:
            raise UnknownApp(f"no release of {app} was ever published")
        return team

    def _authorship(self, by: DeployToken, why: str) -> Authorship:
        return Authorship(by.label, self.now(), why)

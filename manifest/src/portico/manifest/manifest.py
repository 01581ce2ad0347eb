"""The manifest: releases are published into it, channels changed in it, and pages rendered from it."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from portico.manifest.access import Bearers, HttpFetch, Issuers, Signature, check_signed
from portico.manifest.answers import RequestKey
from portico.manifest.asset_places import open_assets
from portico.manifest.assets import AssetStore
from portico.manifest.changing import ChangeRequest
from portico.manifest.channel import ChannelRevision
from portico.manifest.channel_entry import WHOLE, Authorship, Change, brought_in
from portico.manifest.channels import Channels
from portico.manifest.errors import UnknownApp
from portico.manifest.flags.flags import Flags
from portico.manifest.import_map import Module
from portico.manifest.previewing import Preview
from portico.manifest.publishing import Publisher
from portico.manifest.reading import Reader
from portico.manifest.release import Release
from portico.manifest.release_checks import ReleaseChecks
from portico.manifest.remembered_assets import RememberedAssets
from portico.manifest.snapshot import Snapshot
from portico.manifest.sql_schema import MIGRATIONS
from portico.manifest.sql_store import SqlManifestStore
from portico.manifest.state import ChannelState
from portico.manifest.store import ManifestStore, Page
from portico.manifest.tokens import EVERY_TEAM, DeployToken
from portico.manifest.unpacked import UnpackedApp
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
    releases are kept in memory. ``issuers`` are the identity providers of teams' CIs. ``entry_budget_kb`` is
    the size budget of apps that have none of their own (see ``budget``).
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
        entry_budget_kb: int | None = None,
    ) -> None:
        self.store = store
        self.assets = assets
        self.platform: Mapping[str, Module] = dict(platform or {})
        self.flags = Flags(store.flags, clock=self.now)
        self._clock = clock
        self.bearers = Bearers(store.access, issuers or Issuers(HttpFetch()), self.now)
        self._reader = Reader(store, remembered=remembered)
        self._release_checks = ReleaseChecks(assets, self.release, entry_budget_kb=entry_budget_kb)
        self._channels = Channels(store, self._reader, self.platform, self.now)
        self._publisher = Publisher(
            store, assets, reader=self._reader, checks=self._release_checks, channels=self._channels, now=self.now
        )

    @classmethod
    async def open(
        cls,
        database_url: str,
        assets: Path | str,
        *,
        platform: Mapping[str, Module] | None = None,
        entry_budget_kb: int | None = None,
    ) -> "Manifest":
        """Open the database at ``database_url`` (created and migrated as needed) with the assets at a place.

        That is a folder, or ``s3://bucket/prefix`` with its credentials in ``AWS_*``, as for Amazon's own tools. Raises
        ``UnsupportedAssets``, and what ``open_database`` raises.
        """
        kept = RememberedAssets(open_assets(assets, os.environ))
        store = SqlManifestStore(await open_database(database_url, migrations=MIGRATIONS))
        await store.claim_packages()
        return cls(store, kept, platform=platform, entry_budget_kb=entry_budget_kb)

    async def close(self) -> None:
        """Finish the changes that wait, and release the store."""
        await self._channels.close()
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
        return await self._reader.state(channel)

    async def state_at(self, channel: str, number: int) -> ChannelState:
        """Return the channel as it was at a revision; raises ``UnknownRevision``."""
        return await self._reader.state_at(channel, number)

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
        return (await self.state(channel)).revision if number is None else await self.store.revision(channel, number)

    async def history(
        self, channel: str = LIVE, *, before: int | None = None, limit: int = 50
    ) -> Sequence[ChannelRevision]:
        """Return revisions, newest first, below number ``before``."""
        return await self.store.history(channel, before=before, limit=limit)

    async def release(self, app: str, digest: str) -> Release:
        """Return a release; raises ``UnknownRelease``."""
        return await self._reader.release(app, digest)

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
        weight: int = WHOLE,
        signature: Signature | None = None,
    ) -> tuple[Release, bool]:
        """Make the files a release; see ``Publisher.publish``."""
        return await self._publisher.publish(
            unpacked, by=by, app=app, channel=channel, weight=weight, signature=signature
        )

    async def rehearse(
        self,
        unpacked: UnpackedApp,
        *,
        by: DeployToken,
        app: str | None = None,
        channel: str | None = None,
        weight: int = WHOLE,
        signature: Signature | None = None,
    ) -> tuple[Release, Preview | None]:
        """Say what publishing the files would make, and keep nothing; see ``Publisher.rehearse``."""
        return await self._publisher.rehearse(
            unpacked, by=by, app=app, channel=channel, weight=weight, signature=signature
        )

    async def promotion(
        self,
        app: str,
        digest: str,
        *,
        base: int | None,
        by: DeployToken,
        weight: int = WHOLE,
        why: str = "",
        key: RequestKey | None = None,
    ) -> ChangeRequest:
        """Return the wish that a channel point to a release, for ``weight`` hundredths of the people.

        ``base`` is the revision that the change was decided on, ``None`` for whatever is current. Raises
        ``UnknownApp``, ``UnknownRelease``, ``NotYourApp``. A missing signature is refused when the change is made.
        """
        by.require(await self._team_of(app), app)
        release = await self.release(app, digest)
        wish = self._wish(lambda now, author: now.promote(app, digest, author, weight), by, why, base, key)

        async def permit(changes: Sequence[Change]) -> None:
            await wish.permit(changes)
            await self._require_signed(changes)
            await self._release_checks.beside(release, changes)

        return replace(wish, permit=permit, suits=lambda before: self._release_checks.among(release, before))

    async def retirement(
        self, app: str, *, base: int | None, by: DeployToken, why: str = "", key: RequestKey | None = None
    ) -> ChangeRequest:
        """Return the wish that an app leave a channel; raises ``UnknownApp``, ``NotYourApp``."""
        by.require(await self._team_of(app), app)
        return self._wish(lambda now, author: now.retire(app, author), by, why, base, key)

    async def rolling_back(
        self,
        to: int,
        *,
        base: int | None,
        by: DeployToken,
        app: str | None = None,
        why: str = "",
        channel: str = LIVE,
        key: RequestKey | None = None,
    ) -> ChangeRequest:
        """Return the wish that a channel be equal to revision ``to``, in whole or in one app.

        The token must be allowed to change every app that would change. What comes back may be unsigned, from before
        its team wanted signatures, but not signed by revoked keys alone. Raises ``UnknownRevision``.
        """
        target = await self.store.revision(channel, to)
        reason = why or f"rollback to revision {to}" + (f" of {app}" if app else "")
        wish = self._wish(lambda now, author: now.rollback(target, author, app=app), by, reason, base, key)

        async def permit(changes: Sequence[Change]) -> None:
            await wish.permit(changes)
            await self._require_signed(changes, or_unsigned=True)

        return replace(wish, permit=permit)

    async def change(self, request: ChangeRequest, *, channel: str = LIVE) -> ChannelRevision:
        """Change a channel; returns the revision that holds the change, durable when this returns.

        Raises ``RevisionConflict``, ``InvalidChannel``, ``UnknownApp``, ``NotYourApp``; with a key ``AnsweredBefore``
        and ``IdempotencyKeyReused``.
        """
        return await self._channels.change(channel, request)

    async def preview(self, request: ChangeRequest, *, channel: str = LIVE) -> Preview:
        """Return what a change would do now, and change nothing; raises as ``change`` does."""
        return await self._channels.preview(channel, request)

    async def promote(
        self,
        app: str,
        digest: str,
        *,
        base: int | None,
        by: DeployToken,
        weight: int = WHOLE,
        why: str = "",
        channel: str = LIVE,
    ) -> ChannelRevision:
        """Point the channel at a release: ``promotion``, then ``change``."""
        wish = await self.promotion(app, digest, base=base, by=by, weight=weight, why=why)
        return await self.change(wish, channel=channel)

    async def retire(
        self, app: str, *, base: int | None, by: DeployToken, why: str = "", channel: str = LIVE
    ) -> ChannelRevision:
        """Take an app out of the channel: ``retirement``, then ``change``."""
        return await self.change(await self.retirement(app, base=base, by=by, why=why), channel=channel)

    async def rollback(
        self,
        to: int,
        *,
        base: int | None,
        by: DeployToken,
        app: str | None = None,
        why: str = "",
        channel: str = LIVE,
    ) -> ChannelRevision:
        """Make a revision equal to an older one: ``rolling_back``, then ``change``."""
        wish = await self.rolling_back(to, base=base, by=by, app=app, why=why, channel=channel)
        return await self.change(wish, channel=channel)

    async def edit(
        self, change: Callable[[ChannelRevision], ChannelRevision], *, channel: str = LIVE
    ) -> ChannelRevision:
        """Change a channel on whatever it is now, and return the revision that holds the change.

        ``change`` is pure: it is asked again with the newer revision when somebody else was faster. Raises what it
        raises, and ``InvalidChannel``.
        """
        return await self._channels.change(channel, ChangeRequest(change, None))

    def _wish(
        self,
        make: Callable[[ChannelRevision, Authorship], ChannelRevision],
        by: DeployToken,
        why: str,
        base: int | None,
        key: RequestKey | None,
    ) -> ChangeRequest:
        async def permit(changes: Sequence[Change]) -> None:
            for change in changes:
                if change.kind == "app":
                    by.require(await self._team_of(change.name), change.name)
                else:
                    by.require(EVERY_TEAM)

        return ChangeRequest(
            lambda current: make(current, Authorship(by.label, self.now(), why)), base, permit, key=key
        )

    async def _require_signed(self, changes: Sequence[Change], *, or_unsigned: bool = False) -> None:
        for app, digest in brought_in(changes):
            await check_signed(self.store.access, await self.release(app, digest), or_unsigned=or_unsigned)

    async def _team_of(self, app: str) -> str:
        team = await self.store.team_of(app)
        if team is None:
            raise UnknownApp(f"no release of {app} was ever published")
        return team

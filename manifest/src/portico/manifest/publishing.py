"""Publishing: files become a release when all that can be said of them alone, and beside a channel, is in order."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from portico.manifest.access import Signature, Signed, check_signature
from portico.manifest.app_manifest import AppManifest
from portico.manifest.assets import AssetStore
from portico.manifest.changing import ChangeRequest
from portico.manifest.channel_entry import WHOLE, Authorship
from portico.manifest.channels import Channels
from portico.manifest.content_types import effort_of
from portico.manifest.errors import Finding, InvalidManifest, InvalidRelease, UnknownRelease
from portico.manifest.module_graph import read_imports
from portico.manifest.previewing import Preview
from portico.manifest.reading import Reader
from portico.manifest.release import Release, ReleaseFile, content_digest, make_release
from portico.manifest.release_checks import ReleaseChecks
from portico.manifest.store import ManifestStore
from portico.manifest.tokens import DeployToken
from portico.manifest.unpacked import UnpackedApp
from portico.manifest.validation import check_release, foreign_scopes


class Publisher:
    """Publishes releases, or says what publishing would do."""

    def __init__(
        self,
        store: ManifestStore,
        assets: AssetStore,
        *,
        reader: Reader,
        checks: ReleaseChecks,
        channels: Channels,
        now: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._assets = assets
        self._reader = reader
        self._checks = checks
        self._channels = channels
        self._now = now

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
        """Make the files a release; returns it, and whether it is new (the same bytes twice are one release).

        ``app`` is the short name it must have; with ``channel``, it must also fit into that channel as it is now, for
        ``weight`` hundredths of the people. The files are durable before the release is known. ``signature`` is of the
        release's digest. Raises ``Refused`` in its kinds, ``VersionTaken``, ``NotYourApp``, ``SignatureRequired``,
        ``SignatureKeyRevoked``.
        """
        release, signed, _ = await self._tried(unpacked, by, app, signature, channel=channel, weight=weight)
        for file in release.files:
            await self._assets.put(file.integrity, unpacked.files[file.path], effort=effort_of(file.path))
        created = await self._store.add_release(release, signed)
        return await self._reader.release(release.app, release.digest), created

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
        """Return the release that the files would make and, with ``channel``, what promoting it there would do.

        Nothing is kept. Raises what ``publish`` raises.
        """
        release, _, preview = await self._tried(unpacked, by, app, signature, channel=channel, weight=weight)
        await self._store.check_new(release)
        return release, preview

    async def _tried(
        self,
        unpacked: UnpackedApp,
        by: DeployToken,
        app: str | None,
        signature: Signature | None,
        *,
        channel: str | None,
        weight: int,
    ) -> tuple[Release, Signed | None, Preview | None]:
        """Return the release of the files, its signature, and what promoting it would do; nothing is kept yet."""
        manifest = await asyncio.to_thread(unpacked.manifest)
        by.require(manifest.team, manifest.app)
        if app is not None and manifest.app != app:
            raise InvalidManifest([Finding("/name", f"{manifest.name!r} was sent as a release of {app!r}")])
        files = await asyncio.to_thread(unpacked.describe)
        release = await self._known(manifest.app, content_digest(files)) or await self._checked(
            manifest, files, unpacked, by
        )
        signed = await check_signature(self._store.access, release, signature, self._now())
        if channel is None:
            return release, signed, None
        author = Authorship(by.label, self._now())
        wish = ChangeRequest(
            lambda now: now.promote(release.app, release.digest, author, weight),
            None,
            lambda changes: self._checks.beside(release, changes, unpacked.files),
            lambda before: self._checks.among(release, before, unpacked.files),
        )
        return release, signed, await self._channels.preview(channel, wish, release)

    async def _known(self, app: str, digest: str) -> Release | None:
        try:
            return await self._reader.release(app, digest)
        except UnknownRelease:
            return None

    async def _checked(
        self, manifest: AppManifest, files: Sequence[ReleaseFile], unpacked: UnpackedApp, by: DeployToken
    ) -> Release:
        """Return the release of files not seen before; raises ``InvalidRelease``."""
        graph, findings = await read_imports(unpacked.modules())
        files = [replace(file, imports=graph.get(file.path, ())) for file in files]
        findings += check_release(manifest, files) + foreign_scopes(manifest, await self._store.teams())
        if findings:
            raise InvalidRelease(findings)
        await self._checks.by_itself(manifest, files, unpacked.files)
        guest = await self._store.guests(manifest)
        return make_release(manifest, files, created_at=self._now(), creator=by.label, guest=guest)

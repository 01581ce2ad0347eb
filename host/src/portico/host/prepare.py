"""What `portico up` puts into the manifest before it serves: built apps from folders, and a deploy token."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from portico.host.config import HostConfig
from portico.host.errors import ConfigurationError
from portico.host.secretfile import read_or_create
from portico.host.stamped import stamped
from portico.host.static import platform_assets, platform_modules
from portico.manifest import (
    LIVE,
    DeployToken,
    Manifest,
    ManifestError,
    Release,
    UnpackedApp,
    UnsupportedAssets,
    VersionTaken,
    issue_token,
    keep_platform,
    token_hash,
)

TOKEN_FILE = "deploy-token"  # noqa: S105 - a file's name
_TOKEN_LIFETIME = timedelta(days=365)
_TOKEN_MARGIN = timedelta(days=30)
_PAGE = 200
_OPERATOR = DeployToken.operator("portico up")


async def prepare(config: HostConfig, folders: Sequence[Path]) -> None:
    """Make sure that there is a deploy token, and that what is built in `folders` is on the channel.

    What the channel has held before stays as it is now: a rollback, or a retired app, survives the next start.

    Raises:
        ConfigurationError: a folder holds no app that can be deployed; the message says what is wrong and where.
    """
    async with await open_manifest(config) as manifest:
        await _ensure_token(manifest, config.data_dir / TOKEN_FILE)
        published = [await _publish(manifest, folder) for folder in folders]
        held = await _ever_held(manifest)
        # Who shares libraries comes first: the others need them.
        for release in sorted(published, key=lambda release: not release.manifest.shares):
            if release.digest not in held:
                await _promote(manifest, release)


async def open_manifest(config: HostConfig) -> Manifest:
    """The manifest of this platform: its database and its assets are in the data folder, or where the settings say.

    This build's own files are kept there as well, for pages that outlive the next upgrade.
    """
    return await open_manifest_at(
        config.manifest_database_url,
        config.assets or config.data_dir / "assets",
        entry_budget_kb=config.entry_budget_kb,
    )


async def open_manifest_at(
    database_url: str, assets_place: Path | str, *, entry_budget_kb: int | None = None
) -> Manifest:
    """The manifest over a database and an asset store, with this build's files; raises ConfigurationError too."""
    assets = platform_assets()
    try:
        manifest = await Manifest.open(
            database_url, assets_place, platform=platform_modules(assets), entry_budget_kb=entry_budget_kb
        )
    except UnsupportedAssets as error:
        raise ConfigurationError(f"PORTICO_ASSETS: {error}") from error
    try:
        await keep_platform(manifest, assets)
    except BaseException:
        await manifest.close()
        raise
    return manifest


async def _ever_held(manifest: Manifest) -> set[str]:
    """The digests of all releases that the channel points to or ever did."""
    held: set[str] = set()
    before: int | None = None
    while revisions := await manifest.history(LIVE, before=before, limit=_PAGE):
        held.update(digest for revision in revisions for digest in revision.digests)
        before = revisions[-1].number
    return held


async def _publish(manifest: Manifest, folder: Path) -> Release:
    app = UnpackedApp.of_folder(folder)
    try:
        try:
            release, _ = await manifest.publish(app, by=_OPERATOR)
        except VersionTaken:
            with TemporaryDirectory() as made:
                release, _ = await manifest.publish(await to_thread(stamped, app, Path(made)), by=_OPERATOR)
    except ManifestError as error:
        raise ConfigurationError(f"{folder} cannot be deployed: {error}") from error
    return release


async def _promote(manifest: Manifest, release: Release) -> None:
    base = (await manifest.revision(LIVE)).number
    try:
        await manifest.promote(release.app, release.digest, base=base, by=_OPERATOR, why="built here")
    except ManifestError as error:
        raise ConfigurationError(f"{release.name} {release.version} cannot go live: {error}") from error


async def _ensure_token(manifest: Manifest, path: Path) -> None:
    """Write a deploy token into `path`, unless the one that is there is known and good for a while."""
    if await to_thread(path.exists):
        known = await manifest.store.access.token(token_hash((await to_thread(path.read_text)).strip()))
        if known is not None and known.usable(manifest.now() + _TOKEN_MARGIN):
            return
        await to_thread(path.unlink)
    _, secret = await issue_token(
        manifest.store.access, "*", label="this machine", lifetime=_TOKEN_LIFETIME, now=manifest.now(), by=_OPERATOR
    )
    read_or_create(path, secret.encode)

"""What the host asks of the live channel as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from portico.manifest import Manifest, Release, Snapshot
from portico.manifest.validation import check_channel


async def live_releases(manifest: Manifest) -> Iterable[Release]:
    """Every release that the live channel holds, on both sides of every rollout."""
    return (await manifest.state()).releases.values()


async def revision(manifest: Manifest) -> int:
    """The number of the live channel's revision."""
    return (await manifest.state()).revision.number


async def flag_changes(manifest: Manifest) -> int:
    """How often flags have been changed so far."""
    return (await manifest.flags.current()).changes


async def app_names(manifest: Manifest) -> frozenset[str]:
    """The full names of all live apps."""
    return frozenset(one.name for one in await live_releases(manifest))


async def apps_with_bff(manifest: Manifest) -> frozenset[str]:
    """The short names of all live apps that have a BFF."""
    return frozenset(one.app for one in await live_releases(manifest) if one.manifest.bff is not None)


def misfits(manifest: Manifest, snapshot: Snapshot) -> list[str]:
    """What would be wrong with a channel that shows everybody this selection."""
    findings = check_channel(snapshot.releases, manifest.platform, snapshot.externals)
    return [f"{finding.pointer}: {finding.detail}" for finding in findings]

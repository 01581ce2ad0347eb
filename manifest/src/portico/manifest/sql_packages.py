"""Who owns which shared package: the team whose release first shared it, as with the names of apps."""

import json
from collections.abc import Collection, Mapping, Sequence

from portico.manifest.app_manifest import AppManifest
from portico.manifest.fragments import shared_packages
from portico.manifest.release import Release
from portico.sql import Database, Statement

_CLAIM = "INSERT INTO packages (package, team) VALUES ($1, $2) ON CONFLICT (package) DO NOTHING"


def claims(release: Release) -> list[Statement]:
    """Return what makes the packages that nobody owns yet the release's team's; for the group that adds it."""
    return [Statement(_CLAIM, (package, release.team)) for package in sorted(shared_packages(release.manifest))]


async def owners(database: Database, packages: Collection[str]) -> Mapping[str, str]:
    """Return the teams that own these packages, by package; those that nobody owns are left out."""
    if not packages:
        return {}
    places = ", ".join(f"${number}" for number in range(1, len(packages) + 1))
    rows = await database.read(f"SELECT package, team FROM packages WHERE package IN ({places})", sorted(packages))  # noqa: S608 - numbers alone
    return {str(package): str(team) for package, team in rows}


async def guests(database: Database, manifest: AppManifest) -> frozenset[str]:
    """Return the packages that an app shares and another team owns."""
    found = await owners(database, shared_packages(manifest))
    return frozenset(package for package, team in found.items() if team != manifest.team)


async def claim_earlier(database: Database) -> None:
    """Give each package of releases that are older than the table to the team that shared it first.

    Several processes may do so at once: they come to the same.
    """
    if await database.read("SELECT 1 FROM packages LIMIT 1"):
        return
    rows: Sequence[Sequence[object]] = await database.read("SELECT manifest FROM releases ORDER BY created_at, digest")
    manifests = [AppManifest.from_stored(json.loads(str(row[0]))) for row in rows]
    found = [(package, manifest.team) for manifest in manifests for package in sorted(shared_packages(manifest))]
    if found:
        await database.write([Statement(_CLAIM, claim) for claim in found])

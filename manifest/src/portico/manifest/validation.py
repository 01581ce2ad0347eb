"""What is checked before anything changes: a release by itself, and the channel that a change would make."""

import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote

from portico.manifest.app_manifest import AppManifest, package_of, scope_of
from portico.manifest.errors import Finding
from portico.manifest.import_map import Module, specifiers
from portico.manifest.modules import Import
from portico.manifest.release import Release, ReleaseFile
from portico.manifest.routing import Claim, conflicts
from portico.manifest.versions import satisfies
from portico.manifest.well_formed import pointer


def check_release(manifest: AppManifest, files: Sequence[ReleaseFile]) -> list[Finding]:
    """Return what is wrong with a release whatever the channel holds: files that are named and not there."""
    paths = {file.path for file in files}
    findings = [
        Finding(place, f"there is no file {path!r} in the release")
        for place, path in _named_files(manifest)
        if path not in paths
    ]
    for file in files:
        findings += [
            _unresolved(file, one, "no such file in the release")
            for one in file.imports
            if _is_relative(one.specifier) and resolve(file.path, one.specifier) not in paths
        ]
        findings += [
            _unresolved(file, one, "only bare specifiers and the release's own files may be imported")
            for one in file.imports
            if not _is_relative(one.specifier) and not _is_bare(one.specifier)
        ]
    return findings


def foreign_scopes(manifest: AppManifest, teams: Collection[str]) -> list[Finding]:
    """Return the shares whose scope is the name of another team than the app's own: ``@team/...`` is that team's."""
    return [
        Finding(pointer("imports", "shares", name), f"the scope @{scope_of(name)} is team {scope_of(name)}'s")
        for name in manifest.shares
        if scope_of(name) != manifest.team and scope_of(name) in teams
    ]


def check_channel(releases: Sequence[Release], platform: Mapping[str, Module]) -> list[Finding]:
    """Return what is wrong with releases together: claims, specifiers, needs, imports.

    Each place is a pointer into one release's ``app.json`` or one of its files; the release is named in the detail.
    """
    findings = list(_route_conflicts(releases))
    findings += _package_clashes(releases, platform)
    findings += _unmet_needs(releases, platform)
    known = set(platform).union(*(specifiers(release) for release in releases))
    for release in releases:
        for file in release.modules:
            findings += [
                _unresolved(file, one, "nothing in the resulting import map answers to it", release)
                for one in file.imports
                if _is_bare(one.specifier) and one.specifier not in known
            ]
    return findings


def resolve(path: str, specifier: str) -> str | None:
    """Return the file that a relative specifier in the module at ``path`` means, ``None`` when outside the release."""
    # A query or fragment is kept: such a URL has no integrity in the map, so no file answers to it.
    resolved = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(specifier)))
    return None if resolved == ".." or resolved.startswith("../") else resolved


def _named_files(manifest: AppManifest) -> Iterator[tuple[str, str]]:
    if manifest.entry is not None:
        yield pointer("entry"), manifest.entry
    for number, style in enumerate(manifest.styles):
        yield pointer("styles", number), style
    for name, share in manifest.shares.items():
        for specifier, path in share.entries.items():
            yield pointer("imports", "shares", name, "entries", specifier), path
    for name, entries in manifest.mount_points.items():
        for number, entry in enumerate(entries):
            if entry.icon is not None:
                yield pointer("mountPoints", name, number, "icon"), entry.icon


def _is_relative(specifier: str) -> bool:
    return specifier.startswith(("./", "../")) or specifier in {".", ".."}


def _is_bare(specifier: str) -> bool:
    """Tell whether a specifier is looked up in the map alone: neither relative nor a URL (HTML Standard)."""
    return not _is_relative(specifier) and not specifier.startswith("/") and ":" not in specifier.partition("/")[0]


def _unresolved(file: ReleaseFile, one: Import, why: str, release: Release | None = None) -> Finding:
    of = f" of {release.name} {release.version}" if release else ""
    return Finding(f"file:{file.path}:{one.line}:{one.column}", f"{one.specifier!r}, imported here{of}: {why}")


def _route_conflicts(releases: Iterable[Release]) -> Iterator[Finding]:
    claims = [
        Claim(release.name, route.slot, route.path, number)
        for release in releases
        for number, route in enumerate(release.manifest.routes)
    ]
    for conflict in conflicts(claims):
        first, second = conflict.first, conflict.second
        yield Finding(
            pointer("routes", second.number, "path"),
            f"{second.path!r} in slot {second.slot!r} is claimed by {first.app} (as {first.path!r}) and {second.app}",
        )


def _package_clashes(releases: Iterable[Release], platform: Mapping[str, Module]) -> Iterator[Finding]:
    """Find packages that more than one release shares a part of: every specifier below a package is its owner's."""
    owners = {package_of(specifier): "the platform" for specifier in platform}
    for release in releases:
        places = {name: pointer("imports", "shares", name) for name in release.manifest.shares}
        if release.manifest.entry is not None:
            places[release.name] = pointer("name")
        for name, place in places.items():
            package = package_of(name)
            first = owners.setdefault(package, release.name)
            if first != release.name:
                detail = f"{name!r} is of package {package!r}, which {first} shares, not {release.name}"
                yield Finding(place, f"{detail}; one release alone may share a package and what is below it")


def _unmet_needs(releases: Sequence[Release], platform: Mapping[str, Module]) -> Iterator[Finding]:
    shared = {
        name: (share.version, release.name) for release in releases for name, share in release.manifest.shares.items()
    }
    for release in releases:
        for name, wanted in release.manifest.needs.items():
            if name in platform:
                continue
            place = pointer("imports", "needs", name)
            needing = f"{release.name} {release.version} needs {name} {wanted}"
            if name not in shared:
                yield Finding(place, f"{needing}, which no release in the channel shares")
            elif not satisfies(shared[name][0], wanted):
                version, owner = shared[name]
                yield Finding(place, f"{needing}, and {owner} shares {version}")

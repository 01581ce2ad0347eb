"""What is checked before anything changes: a release by itself, and the channel that a change would make."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from portico.manifest.app_manifest import AppManifest, scope_of
from portico.manifest.channel_entry import External
from portico.manifest.channel_index import ChannelIndex
from portico.manifest.contracts.checking import named_documents
from portico.manifest.contracts.events import named_schemas
from portico.manifest.contracts.service_events import named_event_schemas
from portico.manifest.errors import Finding
from portico.manifest.import_map import Module
from portico.manifest.modules import Import
from portico.manifest.release import Release, ReleaseFile
from portico.manifest.specifiers import is_bare, is_relative, resolve
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
            if is_relative(one.specifier) and resolve(file.path, one.specifier) not in paths
        ]
        findings += [
            _unresolved(file, one, "only bare specifiers and the release's own files may be imported")
            for one in file.imports
            if not is_relative(one.specifier) and not is_bare(one.specifier)
        ]
    return findings


def foreign_scopes(manifest: AppManifest, teams: Collection[str]) -> list[Finding]:
    """Return the shares whose scope is the name of another team than the app's own: ``@team/...`` is that team's."""
    return [
        Finding(pointer("imports", "shares", name), f"the scope @{scope_of(name)} is team {scope_of(name)}'s")
        for name in manifest.shares
        if scope_of(name) != manifest.team and scope_of(name) in teams
    ]


def check_channel(
    releases: Iterable[Release], platform: Mapping[str, Module], externals: Mapping[str, External] | None = None
) -> list[Finding]:
    """Return what is wrong with releases together: claims, specifiers, needs, imports.

    Two releases of one app are the two sides of a rollout; what is found is wrong in some combination of sides. Each
    place is a pointer into one release's ``app.json`` or one of its files; the release is named in the detail.
    """
    apps: dict[str, list[Release]] = {}
    for release in releases:
        apps.setdefault(release.app, []).append(release)
    index = ChannelIndex(platform)
    index.set_externals(externals or {})
    for app, sides in apps.items():
        index.put(app, sides)
    return index.everything()


def _named_files(manifest: AppManifest) -> Iterator[tuple[str, str]]:
    if manifest.entry is not None:
        yield pointer("entry"), manifest.entry
    for number, style in enumerate(manifest.styles):
        yield pointer("styles", number), style
    for path, place in named_documents(manifest).items():
        yield place, path
    yield from named_schemas(manifest)
    yield from named_event_schemas(manifest)
    for name, share in manifest.shares.items():
        for specifier, path in share.entries.items():
            yield pointer("imports", "shares", name, "entries", specifier), path
    for name, entries in manifest.mount_points.items():
        for number, entry in enumerate(entries):
            if entry.icon is not None:
                yield pointer("mountPoints", name, number, "icon"), entry.icon


def _unresolved(file: ReleaseFile, one: Import, why: str) -> Finding:
    return Finding(f"file:{file.path}:{one.line}:{one.column}", f"{one.specifier!r}, imported here: {why}")

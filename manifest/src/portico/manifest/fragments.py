"""What one release brings to a channel, worked out once: its part of the import map, its packages, what it asks."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from portico.manifest.app_manifest import AppManifest, package_of
from portico.manifest.canonical import canonical_json
from portico.manifest.specifiers import is_bare
from portico.manifest.versions import precedence, satisfies

if TYPE_CHECKING:
    from portico.manifest.release import Release

Rank = tuple[object, str, str]


@dataclass(frozen=True, slots=True)
class Demand:
    """What a release asks of one package: version ranges by name, and the specifiers that its modules import.

    ``own`` is the release's digest when it shares the package itself and names no range: it gets its own copy.
    """

    package: str
    ranges: tuple[tuple[str, str], ...]
    specifiers: frozenset[str]
    team: str
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """A package as one release shares it: versions by name, URLs by specifier.

    ``guest`` says that the package is another team's, so that this copy serves the apps of ``team`` alone. ``rank``
    sorts copies: the highest version last, and no two alike.
    """

    package: str
    release: str
    team: str
    guest: bool
    versions: Mapping[str, str]
    urls: Mapping[str, str]
    rank: Rank

    def serves(self, demand: Demand) -> bool:
        """Tell whether whoever has this demand may have this copy, by ownership alone."""
        if demand.own is not None:
            return self.release == demand.own
        return not self.guest or self.team == demand.team

    def in_range(self, name: str, wanted: str) -> bool:
        """Tell whether the copy has ``name`` in a version that lies in the range."""
        return name in self.versions and satisfies(self.versions[name], wanted)

    def fits(self, demand: Demand, entries: Set[str] = frozenset()) -> bool:
        """Tell whether the copy has all that is asked for. ``entries`` are specifiers that apps' entries answer to."""
        return (
            self.serves(demand)
            and all(self.in_range(name, wanted) for name, wanted in demand.ranges)
            and all(one in self.urls or one in entries for one in demand.specifiers)
        )


@dataclass(frozen=True, slots=True)
class Fragment:
    """See the module. ``prefix`` is the URL that all files of the release begin with.

    ``integrity_json`` holds the members of ``integrity`` as canonical JSON, sorted, without braces.
    """

    prefix: str
    entry: str | None
    integrity: Mapping[str, str]
    integrity_json: str
    copies: tuple[Copy, ...]
    demands: tuple[Demand, ...]


def fragment_of(release: "Release") -> Fragment:
    """Return the fragment of a release; ``Release.fragment`` keeps it."""
    manifest = release.manifest
    integrity = {release.url(file.path): file.integrity for file in release.modules}
    return Fragment(
        prefix=release.url(""),
        entry=None if manifest.entry is None else release.url(manifest.entry),
        integrity=MappingProxyType(integrity),
        integrity_json=members_json(integrity),
        copies=tuple(_copies(release)),
        demands=tuple(_demands(release)),
    )


def members_json(members: Mapping[str, str]) -> str:
    """Return the members of an object as canonical JSON, sorted, without the braces."""
    return canonical_json(dict(members)).decode()[1:-1]


def member_json(name: str, value: str) -> str:
    """Return one member of an object as canonical JSON."""
    return members_json({name: value})


def shared_packages(manifest: AppManifest) -> frozenset[str]:
    """Return the packages that an app shares something of."""
    return frozenset(package_of(name) for name in manifest.shares)


def _copies(release: "Release") -> Iterator[Copy]:
    shares = release.manifest.shares
    for package in sorted(shared_packages(release.manifest)):
        names = [name for name in shares if package_of(name) == package]
        versions = {name: shares[name].version for name in names}
        entries = {specifier: path for name in names for specifier, path in shares[name].entries.items()}
        version = versions.get(package) or max(versions.values(), key=precedence)
        yield Copy(
            package=package,
            release=release.digest,
            team=release.team,
            guest=package in release.guest,
            versions=MappingProxyType(versions),
            urls=MappingProxyType({specifier: release.url(path) for specifier, path in entries.items()}),
            rank=(precedence(version), release.app, release.digest),
        )


def _demands(release: "Release") -> Iterator[Demand]:
    ranges: dict[str, dict[str, str]] = {}
    for name, wanted in release.manifest.needs.items():
        ranges.setdefault(package_of(name), {})[name] = wanted
    specifiers: dict[str, set[str]] = {}
    for file in release.modules:
        for one in file.imports:
            if is_bare(one.specifier):
                specifiers.setdefault(package_of(one.specifier), set()).add(one.specifier)
    shared = shared_packages(release.manifest)
    for package in sorted(ranges.keys() | specifiers.keys()):
        needed = tuple(sorted(ranges.get(package, {}).items()))
        own = release.digest if package in shared and not needed else None
        yield Demand(package, needed, frozenset(specifiers.get(package, ())), release.team, own)

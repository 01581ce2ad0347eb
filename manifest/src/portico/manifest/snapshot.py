"""Snapshots: one revision of a channel with its releases, which is all that a page is rendered from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from portico.manifest.app_manifest import MountPointEntry, Route
from portico.manifest.channel_entry import External
from portico.manifest.release import Release, ReleaseFile
from portico.manifest.routing import Claim, Pattern, most_specific_first, pattern_of

_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RouteMatch:
    """The route a path belongs to, and its parameters (percent-encoded as they stand in the path)."""

    release: Release
    route: Route
    params: dict[str, str]


@dataclass(frozen=True, slots=True)
class Offer:
    """An entry that a release offers to a mount point."""

    release: Release
    entry: MountPointEntry


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What a channel shows somebody at one revision: one release of each app, in the order of the apps' names.

    ``etag`` is quoted: the revision's number and, where people are shown different releases, which ones these are.
    ``externals``, ``scopes`` and ``extra`` are the revision's (see ``ChannelRevision``).
    """

    channel: str
    revision: int
    releases: tuple[Release, ...]
    etag: str
    externals: Mapping[str, External] = field(default_factory=lambda: _EMPTY)
    scopes: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: _EMPTY)
    extra: Mapping[str, Any] = field(default_factory=lambda: _EMPTY)

    @classmethod
    def of(cls, channel: str, revision: int, releases: Iterable[Release]) -> "Snapshot":
        """Return a snapshot of these releases."""
        ordered = tuple(sorted(releases, key=lambda release: release.app))
        return cls(channel, revision, ordered, revision_etag(revision))

    def release(self, app: str) -> Release | None:
        """Return the release of ``app``, or ``None``."""
        return self._by_app.get(app)

    @cached_property
    def mount_points(self) -> dict[str, tuple[Offer, ...]]:
        """Every mount point's offers, for everyone: in ``order``, then by app, then by key."""
        points: dict[str, list[Offer]] = {}
        for release in self.releases:
            for name, entries in release.manifest.mount_points.items():
                points.setdefault(name, []).extend(Offer(release, entry) for entry in entries)
        return {name: tuple(sorted(points[name], key=_place)) for name in sorted(points)}

    @cached_property
    def modules(self) -> dict[str, tuple[Release, ReleaseFile]]:
        """Every JavaScript module, by its URL, with the release it is of."""
        return {release.url(file.path): (release, file) for release in self.releases for file in release.modules}

    @cached_property
    def _by_app(self) -> dict[str, Release]:
        return {release.app: release for release in self.releases}

    @cached_property
    def claims(self) -> dict[str, tuple[tuple[Pattern, Release, Route], ...]]:
        """Every slot's routes, the most specific first (see ``routing``), compiled once for the snapshot."""
        ordered = most_specific_first(
            Claim(release.app, route.slot, route.path, number)
            for release in self.releases
            for number, route in enumerate(release.manifest.routes)
        )
        slots: dict[str, list[tuple[Pattern, Release, Route]]] = {}
        for claim in ordered:
            release = self._by_app[claim.app]
            route = release.manifest.routes[claim.number]
            slots.setdefault(claim.slot, []).append((pattern_of(claim.path), release, route))
        return {slot: tuple(found) for slot, found in slots.items()}


def match_route(snapshot: Snapshot, path: str, slot: str = "main") -> RouteMatch | None:
    """Return the route that ``path`` (percent-encoded, no query) belongs to in ``slot``, or ``None``."""
    for pattern, release, route in snapshot.claims.get(slot, ()):
        params = pattern.match(path)
        if params is not None:
            return RouteMatch(release, route, params)
    return None


def revision_etag(revision: int) -> str:
    """Return the entity tag of a channel's revision: its number in quotes."""
    return f'"{revision}"'


def _place(offer: Offer) -> tuple[int, str, str]:
    return offer.entry.order, offer.release.app, offer.entry.key

"""The checks of a channel, by app: what a change touches is checked, not all pairs, and for every combination at once.

**Combinations.** While an app has two releases, each person is shown one of them, whatever the other apps' sides: n
such apps make 2^n channels, and every one must work. Two claims clash in one of them exactly if they are of two
different apps, whichever releases those are at. An import of release R has an answer in all of them exactly if *some
app has an answer in all of its releases* (of R's own app, in R): were there none, each app would have a release
without one, and these releases together are a combination in which nothing answers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from portico.manifest.app_manifest import package_of
from portico.manifest.channel_entry import External
from portico.manifest.errors import Finding
from portico.manifest.externals import external_findings
from portico.manifest.fragments import Copy, shared_packages
from portico.manifest.import_map import Module
from portico.manifest.release import Release
from portico.manifest.routing import pattern_of
from portico.manifest.specifiers import key_for
from portico.manifest.unanswered import unanswered
from portico.manifest.well_formed import pointer

THE_PLATFORM = "the platform"

Releases = Mapping[str, Sequence[Release]]
"""By app, what it is at: one release, or two, or none when it is not there."""


class ChannelIndex:
    """What a channel holds, indexed for checks. Synchronous; changed by ``put`` and ``set_externals`` alone."""

    def __init__(self, platform: Mapping[str, Module]) -> None:
        self.platform = platform
        self.platform_packages = frozenset(map(package_of, platform))
        self.externals: Mapping[str, External] = {}
        self._apps: dict[str, tuple[Release, ...]] = {}
        self._named: dict[str, str] = {}
        self._claims: dict[tuple[str, str], dict[str, tuple[str, str]]] = {}
        self._copies: dict[str, dict[str, dict[str, Copy]]] = {}
        self._users: dict[str, dict[str, None]] = {}
        self._external_packages: dict[str, dict[str, None]] = {}

    def put(self, app: str, releases: Sequence[Release]) -> None:
        """Let ``app`` be at these releases, in place of those it was at."""
        for release in self._apps.pop(app, ()):
            self._remove(release)
        for release in releases:
            self._add(release)
        if releases:
            self._apps[app] = tuple(releases)

    def set_externals(self, externals: Mapping[str, External]) -> None:
        """Let these be the modules hosted elsewhere."""
        if externals is self.externals:
            return
        for specifier in self.externals.keys() - externals.keys():
            _drop(self._external_packages, package_of(specifier), specifier)
        for specifier in externals.keys() - self.externals.keys():
            self._external_packages.setdefault(package_of(specifier), {})[specifier] = None
        self.externals = externals

    def check(self, changes: Releases, externals: Mapping[str, External] | None = None) -> list[Finding]:
        """Return what would be wrong if these apps were at these releases; the index is as before.

        ``externals`` are all modules hosted elsewhere that there would be; without, those there are now.

        Each place is a pointer into one release's ``app.json`` or one of its files; the release is named in the detail.
        What was wrong before and is not touched by the changes is not found.
        """
        before, kept = {app: self._apps.get(app, ()) for app in changes}, self.externals
        wanted = kept if externals is None else externals
        touched = dict.fromkeys(changes)
        for specifier in kept.keys() ^ wanted.keys():
            touched |= self._users.get(package_of(specifier), {})
        for app, releases in changes.items():
            for package in self._changed(before[app], releases):
                touched |= self._users.get(package, {})
        for app, releases in changes.items():
            self.put(app, releases)
        self.set_externals(wanted)
        try:
            return self._findings(changes, touched) + external_findings(self, wanted.keys() - kept.keys())
        finally:
            self.set_externals(kept)
            for app, releases in before.items():
                self.put(app, releases)

    def everything(self) -> list[Finding]:
        """Return all that is wrong."""
        return self._findings(self._apps, self._apps) + external_findings(self, self.externals)

    def providers(self, package: str) -> Mapping[str, Mapping[str, Copy]]:
        """Return the copies of a package: by app, by release."""
        return self._copies.get(package, {})

    def at(self, app: str) -> tuple[Release, ...]:
        """Return the releases that an app is at."""
        return self._apps.get(app, ())

    def always(self, user: Release, answers: Callable[[Copy], bool], package: str) -> bool:
        """Tell whether ``user`` has a copy that ``answers`` in every combination that it is a part of."""
        return any(
            all(release.digest in copies and answers(copies[release.digest]) for release in self.beside(user, app))
            for app, copies in self.providers(package).items()
        )

    def beside(self, user: Release, app: str) -> tuple[Release, ...]:
        """Return the releases of ``app`` that ``user`` can meet: all of another app's, of its own app itself."""
        return (user,) if app == user.app else self.at(app)

    def answered(self, user: Release, specifier: str) -> bool:
        """Tell whether something other than a shared package answers to a specifier in every combination."""
        if specifier in self.platform or key_for(specifier, self.externals) is not None:
            return True
        app = self._named.get(specifier)
        return app is not None and all(one.manifest.entry is not None for one in self.beside(user, app))

    def app_named(self, name: str) -> str | None:
        """Return the app whose entry a specifier names, or ``None``."""
        return self._named.get(name)

    def is_external(self, package: str) -> bool:
        """Tell whether a module hosted elsewhere stands for a package, or for a part of it."""
        return package in self._external_packages

    def _changed(self, before: Sequence[Release], after: Sequence[Release]) -> set[str]:
        """Return the packages that an app provides in other copies than before, its own name among them."""
        if {one.digest for one in before} == {one.digest for one in after}:
            return set()
        return {package for release in (*before, *after) for package in _provided(release)}

    def _findings(self, changed: Iterable[str], touched: Iterable[str]) -> list[Finding]:
        seen: set[str] = set()
        findings: list[Finding] = []
        for app in changed:
            seen.add(app)
            for release in self.at(app):
                findings += self._taken_routes(release, seen, changed)
                findings += self._taken_packages(release, seen, changed)
        for app in touched:
            for release in self.at(app):
                for demand in release.fragment.demands:
                    findings += unanswered(self, release, demand)
        return list(dict.fromkeys(findings))

    def _others(self, app: str, holders: Iterable[str], seen: set[str], changed: Iterable[str]) -> Iterator[str]:
        """Yield the other apps among ``holders``; of two that change together, the later one is told of the earlier."""
        for other in holders:
            if other != app and (other in seen or other not in changed):
                yield other

    def _taken_routes(self, release: Release, seen: set[str], changed: Iterable[str]) -> Iterator[Finding]:
        for number, route in enumerate(release.manifest.routes):
            claims = self._claims[route.slot, pattern_of(route.path).shape]
            for other in self._others(release.app, claims, seen, changed):
                detail = f"is claimed by {claims[other][0]} (as {claims[other][1]!r}) and {release.name}"
                yield Finding(pointer("routes", number, "path"), f"{route.path!r} in slot {route.slot!r} {detail}")

    def _taken_packages(self, release: Release, seen: set[str], changed: Iterable[str]) -> Iterator[Finding]:
        """Find packages that are somebody else's: below the platform's names, an app's, or one hosted elsewhere."""
        for name in release.manifest.shares:
            package, place = package_of(name), pointer("imports", "shares", name)
            app = self._named.get(package)
            owner = THE_PLATFORM if package in self.platform_packages else None
            if app is not None and app in self._others(release.app, (app,), seen, changed):
                owner = self.at(app)[0].name
            if owner is not None:
                detail = f"{name!r} is of package {package!r}, which {owner} shares, not {release.name}"
                yield Finding(place, f"{detail}; nobody else may share what is below it")
        if release.manifest.entry is not None:
            for other in self._others(release.app, self.providers(release.name), seen, changed):
                yield Finding(
                    pointer("name"), f"{self.at(other)[0].name} shares a package {release.name!r}, which is this app"
                )
            if release.name in self.platform_packages:
                yield Finding(pointer("name"), f"{release.name!r} is the platform's own")
        for package in sorted(_provided(release) & self._external_packages.keys()):
            specifier = min(self._external_packages[package])
            detail = f"{specifier!r} is a module hosted elsewhere; it has to go before {release.name} can have it"
            yield Finding(_place_of(release, package), detail)

    def _add(self, release: Release) -> None:
        if release.manifest.entry is not None:
            self._named[release.name] = release.app
        for route in release.manifest.routes:
            claims = self._claims.setdefault((route.slot, pattern_of(route.path).shape), {})
            claims.setdefault(release.app, (release.name, route.path))
        for copy in release.fragment.copies:
            self._copies.setdefault(copy.package, {}).setdefault(release.app, {})[release.digest] = copy
        for demand in release.fragment.demands:
            self._users.setdefault(demand.package, {})[release.app] = None

    def _remove(self, release: Release) -> None:
        self._named.pop(release.name, None)
        for route in release.manifest.routes:
            _drop(self._claims, (route.slot, pattern_of(route.path).shape), release.app)
        for copy in release.fragment.copies:
            _drop(self._copies, copy.package, release.app)
        for demand in release.fragment.demands:
            _drop(self._users, demand.package, release.app)


def _provided(release: Release) -> set[str]:
    provided = set(shared_packages(release.manifest))
    return provided if release.manifest.entry is None else provided | {release.name}


def _place_of(release: Release, package: str) -> str:
    shared = next((name for name in release.manifest.shares if package_of(name) == package), None)
    return pointer("name") if shared is None else pointer("imports", "shares", shared)


def _drop(index: dict, key: object, app: str) -> None:  # type: ignore[type-arg]
    holders = index.get(key)
    if holders is not None:
        holders.pop(app, None)
        if not holders:
            del index[key]

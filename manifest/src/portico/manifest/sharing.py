"""Which copy of a shared package each release gets, when every app is at one release.

**The rule.** Of each package, the owners' copy that satisfies most of the releases which use it is everybody's
(``imports``); of several, the highest version. Whoever it does not satisfy gets the highest that does, by a scope of
its own files. So ranges that agree load one copy, and ranges that do not agree load as many as they must.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from portico.manifest.fragments import Copy, Demand, Rank
from portico.manifest.release import Release


@dataclass(frozen=True, slots=True)
class Sharing:
    """What shared packages put into a map: specifier to URL for everyone, and by the prefix of a release's files."""

    imports: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, dict[str, str]] = field(default_factory=dict)


def share(releases: Sequence[Release], kept: Collection[str] = ()) -> Sharing:
    """Return what these releases, one of each app, share with one another. Packages in ``kept`` are nobody's to share.

    Pure; the order of the releases makes no difference.
    """
    shared = Sharing()
    copies = _copies(releases, kept)
    users = _users(releases, copies)
    entries = frozenset(release.name for release in releases if release.manifest.entry is not None)
    for package, found in copies.items():
        _place(shared, found, users.get(package, {}), entries)
    return shared


def best(copies: Iterable[Copy], demand: Demand, entries: frozenset[str] = frozenset()) -> Copy | None:
    """Return the highest copy that has all that is asked for, ``None`` when none has."""
    return max((copy for copy in copies if copy.fits(demand, entries)), key=_rank, default=None)


def _copies(releases: Iterable[Release], kept: Collection[str]) -> dict[str, list[Copy]]:
    copies: dict[str, list[Copy]] = {}
    for release in releases:
        for copy in release.fragment.copies:
            if copy.package not in kept:
                copies.setdefault(copy.package, []).append(copy)
    return copies


def _users(releases: Iterable[Release], shared: Mapping[str, object]) -> dict[str, dict[Demand, list[str]]]:
    """Return, by package and by what is asked of it, the prefixes of those who ask: many ask for the same."""
    users: dict[str, dict[Demand, list[str]]] = {}
    for release in releases:
        for demand in release.fragment.demands:
            if demand.package in shared:
                users.setdefault(demand.package, {}).setdefault(demand, []).append(release.fragment.prefix)
    return users


def _place(
    shared: Sharing, copies: Sequence[Copy], users: Mapping[Demand, Sequence[str]], entries: frozenset[str]
) -> None:
    everyones = _everyones(copies, users, entries)
    if everyones is not None:
        shared.imports.update(everyones.urls)
    for demand, prefixes in users.items():
        if everyones is not None and everyones.fits(demand, entries):
            continue
        own = best(copies, demand, entries)
        if own is not None:  # else nothing can be done, which no stored revision leads to
            for prefix in prefixes:
                shared.scopes.setdefault(prefix, {}).update(own.urls)


def _everyones(copies: Sequence[Copy], users: Mapping[Demand, Sequence[str]], entries: frozenset[str]) -> Copy | None:
    def served(copy: Copy) -> tuple[int, Rank]:
        return sum(len(found) for demand, found in users.items() if copy.fits(demand, entries)), copy.rank

    owners = [copy for copy in copies if not copy.guest]
    return owners[0] if len(owners) == 1 else max(owners, key=served, default=None)


def _rank(copy: Copy) -> Rank:
    return copy.rank

"""What a release asks of a package and does not get in some combination of releases, place by place."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import partial
from typing import TYPE_CHECKING

from portico.manifest.errors import Finding
from portico.manifest.fragments import Copy, Demand
from portico.manifest.modules import Import
from portico.manifest.release import Release, ReleaseFile
from portico.manifest.well_formed import pointer

if TYPE_CHECKING:
    from portico.manifest.channel_index import ChannelIndex


def unanswered(index: ChannelIndex, user: Release, demand: Demand) -> list[Finding]:
    """Return a finding for each need and import that has no answer in some combination; none when one copy has all."""
    left = frozenset(one for one in demand.specifiers if not index.answered(user, one))
    ranges = tuple(one for one in demand.ranges if one[0] not in index.platform)
    if not left and (not ranges or index.is_external(demand.package)):
        return []

    def always(answers: Callable[[Copy], bool]) -> bool:
        return index.always(user, answers, demand.package)

    if always(lambda copy: copy.fits(demand, demand.specifiers - left)):
        return []
    findings = [
        Finding(
            pointer("imports", "needs", name), f"{_needing(user, name, wanted)}, {_unmet(index, user, demand, name)}"
        )
        for name, wanted in ranges
        if not always(partial(_meets, demand, name, wanted))
    ]
    missing = {one: _why(index, user, demand, one) for one in left if not always(partial(_has, demand, one))}
    findings += [_unresolved(user, file, one, missing[one.specifier]) for file, one in _imports(user, missing)]
    return findings or [_not_together(user, demand)]


def _meets(demand: Demand, name: str, wanted: str, copy: Copy) -> bool:
    return copy.serves(demand) and copy.in_range(name, wanted)


def _has(demand: Demand, specifier: str, copy: Copy) -> bool:
    return copy.serves(demand) and specifier in copy.urls


def _unmet(index: ChannelIndex, user: Release, demand: Demand, name: str) -> str:
    wanted = dict(demand.ranges)[name]
    copies = [(release, copy) for release, copy in _copies(index, user, demand.package) if name in copy.versions]
    serving = [(release, copy) for release, copy in copies if copy.serves(demand)]
    if some := [release for release, copy in serving if copy.in_range(name, wanted)]:
        return f"which {some[0].name} shares in {some[0].version} only, not in the other release it is at"
    if serving:
        return "and " + ", ".join(f"{release.name} shares {copy.versions[name]}" for release, copy in serving)
    if copies:
        return f"which {copies[0][0].name} shares for its own team's apps alone: the package is another team's"
    return "which no release in the channel shares"


def _why(index: ChannelIndex, user: Release, demand: Demand, specifier: str) -> str:
    having = [(release, copy) for release, copy in _copies(index, user, demand.package) if specifier in copy.urls]
    if serving := [release for release, copy in having if copy.serves(demand)]:
        return f"{serving[0].name} shares it in {serving[0].version} only, not in the other release it is at"
    if demand.own is not None:
        return f"the copy of {demand.package!r} that this release shares does not have it"
    if having:
        return f"{having[0][0].name} shares it for its own team's apps alone: the package is another team's"
    return "nothing in the resulting import map answers to it"


def _copies(index: ChannelIndex, user: Release, package: str) -> Iterator[tuple[Release, Copy]]:
    for app, copies in index.providers(package).items():
        yield from (
            (release, copies[release.digest]) for release in index.beside(user, app) if release.digest in copies
        )


def _imports(user: Release, specifiers: Container[str]) -> Iterator[tuple[ReleaseFile, Import]]:
    for file in user.modules:
        yield from ((file, one) for one in file.imports if one.specifier in specifiers)


def _needing(user: Release, name: str, wanted: str) -> str:
    return f"{user.name} {user.version} needs {name} {wanted}"


def _unresolved(user: Release, file: ReleaseFile, one: Import, why: str) -> Finding:
    place = f"file:{file.path}:{one.line}:{one.column}"
    return Finding(place, f"{one.specifier!r}, imported here of {user.name} {user.version}: {why}")


def _not_together(user: Release, demand: Demand) -> Finding:
    asked = [f"{name} {wanted}" for name, wanted in demand.ranges] + sorted(map(repr, demand.specifiers))
    place = pointer("imports", "needs", demand.ranges[0][0]) if demand.ranges else pointer("imports")
    detail = f"{user.name} {user.version} wants of one copy of {demand.package!r}: {', '.join(asked)}"
    return Finding(place, f"{detail}; there is each, but in every combination of releases no copy with all of it")

"""Small random channels in which much collides, and what it means by trying every combination that they work."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations, product
from typing import Any

from hypothesis import strategies as st

from manifest.tests.manifest_world import PLATFORM, release_of
from portico.manifest import ImportMap, Release, Snapshot, import_map
from portico.manifest.app_manifest import package_of
from portico.manifest.channel_entry import External
from portico.manifest.routing import Claim, conflicts
from portico.manifest.versions import satisfies

OWNERS = {"p": "one", "q": "two"}
NAMES = ("@one/a", "@one/b", "@two/c", "@two/d")
SPECIFIERS = ("p", "p", "p/x", "q", "q/x", "@one/a", "@two/c", "@portico/sdk", "far/thing")
Channel = Mapping[str, Sequence[Release]]

_versions = st.sampled_from(("1.0.0", "1.2.0", "2.0.0"))
_ranges = st.sampled_from(("^1.0.0", "^1.1.0", "^2.0.0", "*"))
_share = st.tuples(_versions, st.booleans())


@st.composite
def releases(draw: st.DrawFn, name: str) -> Release:
    """A release of the app: what it needs, shares, imports and claims is drawn from very little."""
    needs = draw(st.dictionaries(st.sampled_from(tuple(OWNERS)), _ranges, max_size=2))
    shares = draw(st.dictionaries(st.sampled_from((*OWNERS, *OWNERS, "@two/c")), _share, max_size=2))
    imports = draw(st.sets(st.sampled_from(SPECIFIERS), max_size=2))
    route = draw(st.sampled_from((None, None, None, None, None, "/r/:id", f"/{name}")))
    entry = draw(st.integers(0, 9)) > 0
    return made(
        name,
        json.dumps(
            {
                "needs": needs,
                "shares": {package: list(one) for package, one in shares.items() if package != name},
                "imports": sorted(imports),
                "route": route if entry else None,
                "entry": entry,
            },
            sort_keys=True,
        ),
    )


FURNITURE = {
    "old": ("@one/old", {"p": ["1.2.0", True]}),
    "new": ("@one/new", {"p": ["2.0.0", True]}),
    "far": ("@two/far", {"q": ["1.2.0", True]}),
}
"""Apps that share a version of each package, with which most of the others find what they want."""


@st.composite
def channels(draw: st.DrawFn) -> Channel:
    """A channel of at most four apps, each at one release or two; and often one to three that share something."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    furniture = draw(st.sampled_from(((), ("old",), ("far", "old"), ("far", "new", "old"))))
    drawn: dict[str, Sequence[Release]] = {
        name.partition("/")[2]: draw(st.lists(releases(name), min_size=1, max_size=2, unique_by=lambda one: one.digest))
        for name in names
    }
    return drawn | {app: [_furniture(*FURNITURE[app])] for app in furniture}


def _furniture(name: str, shares: Mapping[str, Any]) -> Release:
    drawn: dict[str, Any] = {"needs": {}, "shares": shares, "imports": [], "route": None, "entry": False}
    return made(name, json.dumps(drawn, sort_keys=True))


externals = st.sampled_from(
    (
        {},
        {"far/": External("https://far.test/")},
        {"far/": External("https://else.test/")},
        {"q": External("https://far.test/q.js")},
    )
)


@cache
def made(name: str, drawn: str) -> Release:
    """The release with what was drawn."""
    parts = json.loads(drawn)
    shares = {
        package: {"version": version, "entries": {package: "m.js"} | ({f"{package}/x": "x.js"} if more else {})}
        for package, (version, more) in parts["shares"].items()
    }
    document: dict[str, Any] = {"name": name, "version": "1.0.0"}
    document["imports"] = {"needs": parts["needs"], "shares": shares}
    if parts["entry"]:
        document["entry"] = "m.js"
    if parts["route"]:
        document["routes"] = [{"path": parts["route"]}]
    source = "".join(f"import '{specifier}';" for specifier in parts["imports"])
    release = release_of({"app.json": json.dumps(document), "m.js": source, "x.js": ""})
    team = name[1:].partition("/")[0]
    return replace(release, guest=frozenset(one for one in shares if OWNERS.get(one, team) != team))


def flat(channel: Channel) -> list[Release]:
    """Every release of a channel."""
    return [release for sides in channel.values() for release in sides]


def selections(channel: Channel) -> Iterator[tuple[Release, ...]]:
    """Every combination of sides."""
    return product(*channel.values())


def map_of(selection: Iterable[Release], far: Mapping[str, External]) -> ImportMap:
    """The import map of one combination."""
    return import_map(replace(Snapshot.of("live", 1, selection), externals=far), PLATFORM)


def works(selection: Sequence[Release], far: Mapping[str, External]) -> bool:
    """Whether one combination works, asked of the map that a browser would be given."""
    if any(_clash(*pair) for pair in combinations(selection, 2)) or any(_taken(one, far) for one in selection):
        return False
    mapped = map_of(selection, far)
    return all(_gets_what_it_wants(user, selection, mapped, far) for user in selection)


def _clash(first: Release, second: Release) -> bool:
    claims = [Claim(one.app, "main", route.path) for one in (first, second) for route in one.manifest.routes]
    return bool(conflicts(claims)) or _shares_name(first, second) or _shares_name(second, first)


def _shares_name(one: Release, other: Release) -> bool:
    return other.manifest.entry is not None and other.name in map(package_of, one.manifest.shares)


def _taken(release: Release, far: Mapping[str, External]) -> bool:
    return any(package_of(specifier) in map(package_of, release.manifest.shares) for specifier in far)


def _gets_what_it_wants(
    user: Release, selection: Sequence[Release], mapped: ImportMap, far: Mapping[str, External]
) -> bool:
    from_whom: dict[str, set[str]] = {}
    for specifier in {one.specifier for file in user.modules for one in file.imports} | user.manifest.needs.keys():
        url = mapped.resolve(specifier, user.url("m.js"))
        if url is None:
            return False
        sharing = next((one for one in selection if url.startswith(one.url(""))), None)
        if sharing is None or (specifier == sharing.name and specifier not in sharing.manifest.shares):
            continue
        package = package_of(specifier)
        assert sharing.team == user.team or package not in sharing.guest, "another team's copy"
        from_whom.setdefault(package, set()).add(sharing.digest)
        wanted = user.manifest.needs.get(specifier)
        if wanted is not None and not satisfies(sharing.manifest.shares[package].version, wanted):
            return False
        shares_it = package in user.manifest.shares and package not in user.manifest.needs
        if shares_it and sharing is not user:
            return False
    return all(len(digests) == 1 for digests in from_whom.values())

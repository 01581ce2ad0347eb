"""Checks cost what a change touches, whatever else the channel holds; and an index is as it was after a check."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from manifest.tests.counted_calls import counted
from manifest.tests.manifest_world import PLATFORM, app_files, library_files, release_of
from portico.manifest import Release, Snapshot, import_map
from portico.manifest.canonical import canonical_json
from portico.manifest.channel_entry import External
from portico.manifest.channel_index import ChannelIndex
from portico.manifest.externals import check_scopes


def app(number: int, version: str = "1.0.0", **members: Any) -> Release:
    routes = [{"path": f"/app-{number}/:id"}]
    imports = {"needs": {"signals": "^11.0.0"}}
    return release_of(
        app_files(f"@team/app-{number}", version, "import 'signals';", routes=routes, imports=imports, **members)
    )


def channel(apps: int) -> ChannelIndex:
    index = ChannelIndex(PLATFORM)
    index.put("libs", [release_of(library_files())])
    for number in range(apps):
        index.put(f"app-{number}", [app(number)])
    return index


def calls_of(work: Callable[[], object]) -> int:
    work()  # what releases keep of themselves is worked out once
    with counted("call") as calls:
        work()
    return calls.number


def test_a_change_among_a_thousand_apps_costs_what_it_costs_among_ten() -> None:
    release = app(3, "2.0.0")
    few, many = (calls_of(partial(index.check, {"app-3": [release]})) for index in (channel(10), channel(1000)))
    assert few == many
    assert many < 200


def test_a_map_that_was_made_is_read_without_making_anything() -> None:
    snapshot = Snapshot.of("live", 1, [release_of(library_files()), *map(app, range(1000))])
    made = import_map(snapshot, PLATFORM)
    assert calls_of(lambda: import_map(snapshot, PLATFORM).to_json()) < 20
    assert import_map(snapshot, PLATFORM) is made


def test_a_map_joined_from_what_releases_keep_is_the_map_written_whole() -> None:
    names = ("a", "a-b", "ab", "a0", "z")  # whose URLs sort otherwise than their names do
    found = [release_of(app_files(f"@team/{name}")) for name in names]
    mapped = import_map(Snapshot.of("live", 1, found), PLATFORM)
    whole = {"imports": dict(mapped.imports), "integrity": dict(mapped.integrity)}
    assert mapped.to_json() == canonical_json(whole)


def test_taking_a_library_out_touches_everybody_who_uses_it() -> None:
    index = channel(5)
    assert {finding.pointer for finding in index.check({"libs": []})} == {
        "/imports/needs/signals",
        "file:app-0.js:1:8",
    } | {f"file:app-{number}.js:1:8" for number in range(5)}
    assert index.everything() == []


@pytest.mark.parametrize("other", ["1.0.0", "2.0.0"])
def test_either_side_of_a_rollout_holds_its_routes(other: str) -> None:
    index = channel(2)
    sides = [app(0), release_of(app_files("@team/app-0", "2.0.0", routes=[{"path": "/new"}]))]
    index.put("app-0", sides)
    path = "/app-0/:x" if other == "1.0.0" else "/new"
    (finding,) = index.check({"thief": [release_of(app_files("@evil/thief", routes=[{"path": path}]))]})
    assert finding.pointer == "/routes/0/path"
    assert "@team/app-0" in finding.detail
    assert "@evil/thief" in finding.detail


@pytest.mark.parametrize(
    "specifier",
    [
        "signals",
        "signals/",
        "signals/new",
        "@team/app-1",
        "@team/app-1/",
        "@portico/sdk",
        "@portico/sdk/",
        "/x.js",
        "./x.js",
        "https://a.test/x.js",
        "",
    ],
)
def test_a_module_hosted_elsewhere_cannot_stand_in_for_what_is_deployed(specifier: str) -> None:
    index = channel(2)
    (finding,) = index.check({}, {specifier: External("https://far.test/x.js")})
    assert finding.pointer == "/imports/" + specifier.replace("/", "~1")
    assert index.externals == {}


def test_nor_can_an_app_be_deployed_under_the_name_of_one() -> None:
    index = channel(1)
    index.set_externals({"@team/other": External("https://far.test/x.js"), "charts/": External("https://far.test/c/")})
    assert [finding.pointer for finding in index.check({"other": [release_of(app_files("@team/other"))]})] == ["/name"]
    user = release_of(app_files("@team/user", source="import 'charts/pie'; import '@team/other'"))
    assert index.check({"user": [user]}) == []
    index.put("user", [user])
    assert len(index.check({}, {})) == 2


@pytest.mark.parametrize(
    "scope", ["/", "./", "", "?x", "/a/", "/a/shop/", "//here.test/a/", "https://any.test/a/x/", "../"]
)
def test_a_scope_that_covers_deployed_files_is_refused(scope: str) -> None:
    found = check_scopes({scope: {"view": "https://far.test/view.js"}})
    assert [finding.pointer for finding in found] == ["/scopes/" + scope.replace("/", "~1")]


@pytest.mark.parametrize("scope", ["https://far.test/", "https://far.test/apps/", "/static/", "/app/", "/a"])
def test_a_scope_of_elsewhere_is_taken(scope: str) -> None:
    assert check_scopes({scope: {"view": "https://far.test/view.js"}}) == []

"""Shared packages: one copy when ranges agree, scopes when they do not, and nobody's code in another team's pages."""

import json
from dataclasses import replace
from typing import Any

import pytest

from manifest.tests.manifest_world import PLATFORM, ManifestWorld, app_files, release_of
from portico.manifest import ImportMap, Release, Snapshot, import_map
from portico.manifest.preload import preloads, reachable
from portico.manifest.sharing import share
from portico.sql import Statement


def sharing(name: str, version: str, package: str = "view", **members: Any) -> dict[str, bytes]:
    """An app that shares a package and what draws with it, which imports the package."""
    shares = {
        package: {"version": version, "entries": {package: "lib.js", f"{package}/parts": "parts.js"}},
        f"{package}-dom": {"version": version, "entries": {f"{package}-dom": "dom.js"}},
    }
    document = {"name": name, "version": version, "imports": {"shares": shares}, **members}
    dom = f"import '{package}'; export const version = '{version}';"
    return {"app.json": json.dumps(document).encode(), "lib.js": b"", "parts.js": b"", "dom.js": dom.encode()}


def using(name: str, wanted: str | None = None, package: str = "view", version: str = "1.0.0") -> dict[str, bytes]:
    needs = {} if wanted is None else {package: wanted, f"{package}-dom": wanted}
    return app_files(name, version, f"import '{package}'; import '{package}-dom';", imports={"needs": needs})


def map_of(*releases: Release) -> ImportMap:
    return import_map(Snapshot.of("live", 1, releases), PLATFORM)


def test_one_copy_serves_all_whose_ranges_agree() -> None:
    old, new = release_of(sharing("@base/old", "18.2.0")), release_of(sharing("@base/new", "18.3.1"))
    mapped = map_of(old, new, release_of(using("@sales/a", "^18.0.0")), release_of(using("@crm/b", "18.x || 19.x")))
    assert mapped.imports["view"] == new.url("lib.js")
    assert not any("view" in scope for name, scope in mapped.scopes.items() if "/a/a/" in name or "/a/b/" in name)


def test_two_majors_stand_side_by_side_each_with_what_draws_with_it() -> None:
    old, new = release_of(sharing("@base/old", "18.2.0")), release_of(sharing("@base/new", "19.0.0"))
    here, there = release_of(using("@sales/a", "^18.0.0")), release_of(using("@crm/b", "^19.0.0"))
    mapped = map_of(old, new, here, there, release_of(using("@crm/c", "19")))
    for release, library in ((here, old), (there, new)):
        own = release.url(f"{release.app}.js")
        assert mapped.resolve("view", own) == library.url("lib.js")
        assert mapped.resolve("view-dom", own) == library.url("dom.js")
        assert mapped.resolve("view", library.url("dom.js")) == library.url("lib.js")
    assert mapped.imports["view"] == new.url("lib.js")
    assert mapped.scopes[here.url("")]["view/parts"] == old.url("parts.js")
    assert there.url("") not in mapped.scopes


def test_the_version_that_most_can_use_is_everybodys_and_of_several_the_highest() -> None:
    old, new = release_of(sharing("@base/old", "1.9.0")), release_of(sharing("@base/new", "1.10.0"))
    most = [release_of(using(f"@sales/{name}", "~1.9.0")) for name in "abc"]
    assert map_of(old, new, *most).imports["view"] == old.url("lib.js")
    either = [release_of(using(f"@sales/{name}", "^1.0.0")) for name in "abc"]
    assert map_of(old, new, *either).imports["view"] == new.url("lib.js")


def test_who_cannot_have_everybodys_gets_the_highest_that_fits() -> None:
    """Of several that fit; versions are compared as versions: 18.10 comes after 18.9."""
    copies = [release_of(sharing(f"@base/l{n}", version)) for n, version in enumerate(("18.9.0", "18.10.0", "19.0.0"))]
    most = [release_of(using(f"@crm/{name}", "^19.0.0")) for name in "bc"]
    here = release_of(using("@sales/a", "^18.0.0"))
    for order in (copies, copies[::-1]):
        mapped = map_of(*order, here, *most)
        assert mapped.imports["view"] == copies[2].url("lib.js")
        assert mapped.resolve("view", here.url("a.js")) == copies[1].url("lib.js")


def test_what_a_page_loads_ahead_is_of_the_apps_own_copy() -> None:
    old, new = release_of(sharing("@base/old", "18.2.0")), release_of(sharing("@base/new", "19.0.0"))
    here = release_of(using("@sales/a", "^18.0.0"))
    most = [release_of(using(f"@crm/{name}", "^19.0.0")) for name in "bc"]
    snapshot = Snapshot.of("live", 1, (old, new, here, *most))
    mapped = import_map(snapshot, PLATFORM)
    expected = {here.url("a.js"), old.url("lib.js"), old.url("dom.js")}
    assert {module.url for module in preloads(snapshot, mapped, here, "a.js")} == expected
    assert {module.url for module in reachable(snapshot, mapped, [here])} == expected


def test_a_guests_copy_serves_its_own_team_alone_however_high_its_version() -> None:
    owner = release_of(sharing("@base/libs", "18.0.0"))
    guest = replace(release_of(sharing("@evil/kit", "99.0.0")), guest=frozenset({"view", "view-dom"}))
    victim, own = release_of(using("@sales/a")), release_of(using("@evil/b", "^99.0.0"))
    mapped = map_of(owner, guest, victim, own)
    assert mapped.resolve("view", victim.url("a.js")) == owner.url("lib.js")
    assert mapped.resolve("view", own.url("b.js")) == guest.url("lib.js")
    assert set(share((owner, guest, victim, own)).scopes) == {own.url(""), guest.url("")}


async def test_the_team_that_shared_a_package_first_owns_it(world: ManifestWorld) -> None:
    owner = await world.deploy(sharing("@base/libs", "18.0.0"))
    await world.deploy(using("@sales/a"))
    await world.deploy(sharing("@evil/kit", "99.0.0"))
    mapped = (await world.http.get("/importmap.json")).json()
    assert mapped["imports"]["view"] == f"/a/libs/{owner}/lib.js"
    assert all("/a/a/" not in scope for scope in mapped["scopes"])
    refused = await world.publish(using("@sales/b", "^99.0.0"), app="b", params={"channel": "live"})
    assert refused.status_code == 422
    assert {error["pointer"] for error in refused.json()["errors"]} == {
        "/imports/needs/view",
        "/imports/needs/view-dom",
    }
    assert "@base/libs shares 18.0.0" in refused.text


async def test_packages_of_releases_that_are_older_than_owners_go_to_who_shared_first(world: ManifestWorld) -> None:
    await world.publish(sharing("@base/libs", "18.0.0"), app="libs")
    world.clock.move(seconds=1)
    await world.publish(sharing("@evil/kit", "99.0.0"), app="kit")
    before = await world.database.read("SELECT package, team FROM packages ORDER BY package")
    await world.database.write([Statement("DELETE FROM packages")])
    await world.manifest.store.claim_packages()
    assert await world.database.read("SELECT package, team FROM packages ORDER BY package") == before
    assert [tuple(row) for row in before] == [("view", "base"), ("view-dom", "base")]


async def test_an_upgrade_is_weighted_only_when_every_combination_has_what_it_needs(world: ManifestWorld) -> None:
    await world.deploy(sharing("@base/libs", "18.0.0"))
    await world.deploy(using("@sales/a", "^18.0.0"))
    new = (await world.publish(sharing("@base/libs", "19.0.0"), app="libs")).json()["digest"]
    path, body = "/deploy/channels/live/apps/libs", {"release": new, "weight": 10}
    refused = await world.call("PUT", path, base=2, json=body)
    assert refused.status_code == 422
    assert "which @base/libs shares in 18.0.0 only" in refused.text
    await world.deploy(using("@sales/a", "18 || 19", version="1.1.0"))
    assert (await world.call("PUT", path, base=3, json=body)).status_code == 200


@pytest.mark.parametrize("who", ["libs", "a"])
async def test_a_visitor_reads_the_map_of_the_own_side(who: str, world: ManifestWorld) -> None:
    await world.deploy(sharing("@base/libs", "18.0.0"))
    await world.deploy(using("@sales/a", "18 || 19"))
    files = sharing("@base/libs", "19.0.0") if who == "libs" else using("@sales/a", "*", version="2.0.0")
    digest = (await world.publish(files, app=who)).json()["digest"]
    body = {"release": digest, "weight": 50}
    assert (await world.call("PUT", f"/deploy/channels/live/apps/{who}", base=2, json=body)).status_code == 200
    maps = [(await world.http.get("/importmap.json", params={"cohort": f"anon:{n}"})).text for n in range(40)]
    again = [(await world.http.get("/importmap.json", params={"cohort": f"anon:{n}"})).text for n in range(40)]
    assert maps == again
    assert {digest in one for one in maps} == {True, False}
    assert digest not in (await world.http.get("/importmap.json")).text
    first = (await world.http.get("/importmap.json", params={"revision": 1})).json()
    assert "@sales/a" not in first["imports"]
    apps = (await world.http.get("/apps.json", params={"revision": 2, "cohort": "anon:1"})).json()
    assert apps["revision"] == 2
    assert (await world.http.get("/importmap.json", params={"cohort": "x" * 201})).status_code == 422
    assert (await world.http.get("/importmap.json", params={"revision": 99})).status_code == 404

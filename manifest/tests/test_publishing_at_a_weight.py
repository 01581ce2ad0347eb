"""A release that is published for some of the people is checked, and rehearsed, as their candidate."""

from typing import Any

from manifest.tests.manifest_world import ManifestWorld, app_files, tar_gz
from manifest.tests.test_deployer_releases import problem

PATH = "/deploy/apps/shop/releases"


async def sent(world: ManifestWorld, version: str, **query: str) -> Any:
    archive, headers = tar_gz(app_files(version=version)), {"Content-Type": "application/gzip"}
    return await world.call("POST", PATH, content=archive, headers=headers, params={"channel": "live", **query})


async def test_a_rehearsal_has_the_weight_that_the_release_would_get(world: ManifestWorld) -> None:
    stable = await world.deploy(app_files())
    before = await world.everything()
    some = (await sent(world, "2.0.0", weight="10", dry_run="true")).json()
    candidate = some["release"]["digest"]
    (change,) = some["changes"]
    assert change["after"] == [{"release": stable, "weight": 90}, {"release": candidate, "weight": 10}]
    assert some["importMap"]["changed"]["@sales/shop"]["after"] == f"/a/shop/{candidate}/shop.js"
    all_of_them = (await sent(world, "2.0.0", dry_run="true")).json()
    assert all_of_them["changes"][0]["after"] == [{"release": candidate, "weight": 100}]
    assert await world.everything() == before


async def test_a_first_release_for_some_is_refused_before_it_is_published(world: ManifestWorld) -> None:
    before = await world.everything()
    for query in ({"dry_run": "true"}, {}):
        refused = await sent(world, "1.0.0", weight="10", **query)
        (error,) = problem(refused, 422, "invalid-channel")["errors"]
        assert error["pointer"] == "/weight"
        assert "first release" in error["detail"]
    assert await world.everything() == before
    assert (await sent(world, "1.0.0", weight="100")).status_code == 201


async def test_a_weight_is_of_a_hundred(world: ManifestWorld) -> None:
    for wrong in ("101", "-1", "ten", "1.5"):
        (error,) = problem(await sent(world, "1.0.0", weight=wrong), 422, "invalid-request")["errors"]
        assert error["pointer"] == "query:weight"

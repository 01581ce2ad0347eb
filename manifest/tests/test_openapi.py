"""The OpenAPI document and the routes are the same API."""

import pytest
from openapi_spec_validator import validate
from starlette.routing import Route

from manifest.tests.manifest_world import ManifestWorld, app_files
from portico.manifest.deployer import deployer_routes
from portico.manifest.openapi import openapi_document, unknown_routes
from portico.manifest.openapi.described import DescribedPath

FILES = {("GET", "/a/_portico/{digest}/{path:path}"), ("GET", "/a/{app}/{digest}/{path:path}")}
"""What a page loads is no API."""


def test_the_document_is_valid_openapi() -> None:
    validate(openapi_document())


def test_every_route_is_described_and_nothing_else(world: ManifestWorld) -> None:
    routes = deployer_routes(world.manifest)
    assert unknown_routes(routes) == FILES
    there = {
        (method.lower(), route.path)
        for route in routes
        if isinstance(route, Route) and isinstance(route.app, DescribedPath)
        for method in route.app.methods
    }
    described = {(method, path) for path, methods in openapi_document()["paths"].items() for method in methods}
    assert described == there


def test_operations_have_names_of_their_own() -> None:
    ids = [one["operationId"] for path in openapi_document()["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))


async def test_the_document_is_served_to_anyone(world: ManifestWorld) -> None:
    response = await world.http.get("/deploy/openapi.json")
    assert response.headers["content-type"] == "application/openapi+json"
    assert response.json() == openapi_document()


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/deploy/channels/live/apps/shop", "DELETE, PUT"),
        ("/deploy/apps/shop/releases", "GET, POST, HEAD"),
        ("/importmap.json", "GET, HEAD"),
    ],
)
async def test_another_method_is_a_405_that_lists_all_there_are(world: ManifestWorld, path: str, allowed: str) -> None:
    response = await world.call("PATCH", path)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)
    assert response.json()["type"].endswith("/method-not-allowed")


async def test_a_misspelt_parameter_is_refused_and_changes_nothing(world: ManifestWorld) -> None:
    digest = await world.deploy(app_files())
    before = await world.everything()
    response = await world.call(
        "PUT", "/deploy/channels/live/apps/shop", base=1, params={"dryrun": "true"}, json={"release": digest}
    )
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"pointer": "query:dryrun", "detail": "is not a parameter here; did you mean dry_run?"}
    ]
    assert await world.everything() == before


async def test_a_parameter_given_twice_is_refused(world: ManifestWorld) -> None:
    response = await world.call("GET", "/deploy/channels/live/history?limit=1&limit=2")
    assert response.json()["errors"] == [{"pointer": "query:limit", "detail": "is given more than once"}]


async def test_a_query_has_an_end(world: ManifestWorld) -> None:
    response = await world.call("GET", f"/importmap.json?channel=live&v={'x' * 5000}")
    assert response.status_code == 422


async def test_public_reads_ignore_what_caches_add(world: ManifestWorld) -> None:
    assert (await world.http.get("/importmap.json?v=123")).status_code == 200

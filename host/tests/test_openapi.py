"""The OpenAPI document of a whole host: the deployer's, and what the host itself has below /deploy."""

from __future__ import annotations

from pathlib import Path

import httpx
from openapi_spec_validator import validate

from host.tests.rollout_world import rollout_world
from portico.host.overrides import OverrideEndpoint
from portico.host.overrides.described import PATHS


async def test_a_host_describes_the_overrides_as_well(tmp_path: Path) -> None:
    async with rollout_world(tmp_path) as world, httpx.AsyncClient(base_url=world.url) as client:
        document = (await client.get("/deploy/openapi.json")).json()
        validate(document)
        assert document["paths"].keys() >= PATHS.keys()
        for path, methods in PATHS.items():
            for method, operation in methods.items():
                answer = await client.request(method, path)
                assert str(answer.status_code) in operation["responses"], (method, path, answer.text)


def test_every_route_of_the_overrides_is_described() -> None:
    endpoint = OverrideEndpoint.__new__(OverrideEndpoint)  # its routes need nothing of what it is made with
    routes = {(m.lower(), route.path) for route in endpoint.routes for m in (route.methods or set()) - {"HEAD"}}
    assert routes == {(method, path) for path, methods in PATHS.items() for method in methods}

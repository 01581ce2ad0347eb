"""Replicas on one database, changed by many clients through the façade: what was answered with 200 is in the map."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from manifest.tests.imd_world import facade
from portico.manifest import Manifest

CLIENTS, CHANGES = 8, 25


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_no_change_is_lost(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Two manifests over one database, each with its own connections and memory, as two processes have them."""
    url = f"sqlite:///{tmp_path}/manifest.db" if database == "sqlite" else request.getfixturevalue("postgres_url")
    async with AsyncExitStack() as stack:
        manifests = [await stack.enter_async_context(await Manifest.open(url, tmp_path / "assets")) for _ in range(2)]
        replicas = [await stack.enter_async_context(facade(manifest)) for manifest in manifests]

        async def client(number: int) -> list[str]:
            names = [f"module-{number}-{turn}" for turn in range(CHANGES)]
            for name in names:
                await put(replicas[number % 2], name)
                await put(replicas[number % 2], f"passing-{number}")
                gone = await replicas[number % 2].delete(f"/services/passing-{number}")
                assert gone.status_code == 200
            return names

        acknowledged = sorted(name for names in await asyncio.gather(*map(client, range(CLIENTS))) for name in names)
        for replica, manifest in zip(replicas, manifests, strict=True):
            shown = (await replica.get("/import-map.json")).json()["imports"]
            assert sorted(shown) == acknowledged
            assert await manifest.store.head("live") == CLIENTS * CHANGES * 3
        history = await manifests[0].history(limit=CLIENTS * CHANGES * 3)
        assert [one.parent for one in history] == [one.number - 1 for one in history]


async def put(http: httpx.AsyncClient, name: str) -> None:
    body = {"service": name, "url": f"/{name}.js"}
    answer = await http.patch("/services", params={"skip_url_check": ""}, json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["imports"][name] == f"/{name}.js"

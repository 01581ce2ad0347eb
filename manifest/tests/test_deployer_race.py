"""Two processes, one SQLite file: no acknowledged change is ever lost, and no page ever sees half of one."""

import asyncio
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from manifest.tests.deployer_processes import deployer
from manifest.tests.manifest_world import app_files, tar_gz
from portico.manifest import DeployToken, Manifest, issue_token
from portico.manifest.release import integrity_of

CLIENTS = 6
DEPLOYS = 5
APPS = 3


async def operator_token(folder: Path) -> str:
    async with await Manifest.open(f"sqlite:///{folder}/manifest.db", folder / "assets") as manifest:
        _, secret = await issue_token(
            manifest.store.access,
            "*",
            label="race",
            lifetime=timedelta(hours=1),
            now=datetime.now(UTC),
            by=DeployToken.operator(),
        )
    return secret


async def deploy(http: httpx.AsyncClient, app: str, version: str, why: str) -> tuple[int, str]:
    """Deploy as a client does; returns the revision that was acknowledged, and the release."""
    files = app_files(f"@team/{app}", version)
    published = await http.post(
        f"/deploy/apps/{app}/releases", content=tar_gz(files), headers={"Content-Type": "application/gzip"}
    )
    assert published.status_code == 201, published.text
    digest = published.json()["digest"]
    etag = (await http.get("/deploy/channels/live")).headers["etag"]
    while True:
        promoted = await http.put(
            f"/deploy/channels/live/apps/{app}", headers={"If-Match": etag}, json={"release": digest, "why": why}
        )
        if promoted.status_code == 200:
            return promoted.json()["revision"], digest
        assert promoted.status_code == 412, promoted.text
        etag = promoted.headers["etag"]


async def watch(http: httpx.AsyncClient, done: asyncio.Event) -> int:
    """Read the public map throughout: it is whole at every moment, and each file it names has the bytes it promises."""
    reads = 0
    while not done.is_set():
        mapped = (await http.get("/importmap.json")).json()
        assert set(mapped["imports"].values()) <= mapped["integrity"].keys()
        for url in mapped["imports"].values():
            if not url.startswith("/a/_portico/"):
                response = await http.get(url)
                assert response.status_code == 200, url
                assert mapped["integrity"][url] == integrity_of(response.content)
        reads += 1
    return reads


async def history(http: httpx.AsyncClient, channel: str = "live") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"cursor": cursor} if cursor else {}
        page = (await http.get(f"/deploy/channels/{channel}/history", params=params)).json()
        found += page["revisions"]
        cursor = None if page["cursor"] is None else str(page["cursor"])
    return found


async def test_every_acknowledged_deploy_is_in_the_history_exactly_once(tmp_path: Path) -> None:
    token = await operator_token(tmp_path)
    headers = {"Authorization": f"Bearer {token}"}
    with ExitStack() as running:
        urls = [running.enter_context(deployer(tmp_path)) for _ in range(2)]
        async with (
            httpx.AsyncClient(base_url=urls[0], headers=headers, timeout=60) as first,
            httpx.AsyncClient(base_url=urls[1], headers=headers, timeout=60) as second,
        ):
            done = asyncio.Event()
            reader = asyncio.create_task(watch(second, done))

            async def client(number: int) -> list[tuple[int, str, str]]:
                http, app = (first, second)[number % 2], f"app{number % APPS}"
                return [
                    (*await deploy(http, app, f"{number}.0.{turn}", f"{number}-{turn}"), f"{number}-{turn}")
                    for turn in range(DEPLOYS)
                ]

            acknowledged = [one for found in await asyncio.gather(*map(client, range(CLIENTS))) for one in found]
            done.set()
            assert await reader > 0
            seen = [await history(first), await history(second)]
    assert seen[0] == seen[1]
    recorded = [(one["revision"], one["changes"][0]["after"][0]["release"], one["why"]) for one in seen[0]]
    assert sorted(recorded) == sorted(acknowledged)
    assert [one["revision"] for one in seen[0]] == list(range(CLIENTS * DEPLOYS, 0, -1))
    assert all(one["parent"] == one["revision"] - 1 and len(one["changes"]) == 1 for one in seen[0])

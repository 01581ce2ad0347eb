"""Two replicas, one of which is killed while eight clients change a channel: each change is made, and made once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from manifest.tests.deployer_processes import replica
from manifest.tests.manifest_world import app_files, tar_gz
from manifest.tests.test_deployer_race import history
from portico.manifest import DeployToken, Manifest, issue_token

CLIENTS = 8
CHANGES = 125
CHANNEL = "live"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/manifest.db"
    return str(request.getfixturevalue("postgres_url"))


async def operator_token(database_url: str, folder: Path) -> str:
    async with await Manifest.open(database_url, folder / "assets") as manifest:
        lifetime, now, by = timedelta(hours=1), datetime.now(UTC), DeployToken.operator()
        _, secret = await issue_token(manifest.store.access, "*", label="race", lifetime=lifetime, now=now, by=by)
    return secret


class Client:
    """Promotes its app's two releases in turn. A change whose answer was lost is sent again, where somebody answers."""

    def __init__(self, number: int, places: list[httpx.AsyncClient]) -> None:
        self.app, self.channel = f"app{number}", CHANNEL
        self.places = places[number % 2 :] + places[: number % 2]
        self.acknowledged: list[tuple[int, str]] = []
        self.replayed = 0

    async def publish(self) -> None:
        self.digests = []
        for version in ("1.0.0", "2.0.0"):
            response = await self.places[0].post(
                f"/deploy/apps/{self.app}/releases",
                content=tar_gz(app_files(f"@team/{self.app}", version)),
                headers={"Content-Type": "application/gzip"},
            )
            assert response.status_code == 201, response.text
            self.digests.append(response.json()["digest"])

    async def run(self, half: asyncio.Event) -> None:
        etag = '"0"'
        for turn in range(CHANGES):
            why = f"{self.app}-{turn}"
            while True:
                promoted = await self._promote(self.digests[turn % 2], why, etag)
                etag = promoted.headers["etag"]
                if promoted.status_code == 200:
                    break
                assert promoted.status_code == 412, promoted.text
            self.replayed += "idempotency-replayed" in promoted.headers
            self.acknowledged.append((promoted.json()["revision"], why))
            if turn == CHANGES // 2:
                half.set()

    async def _promote(self, digest: str, why: str, etag: str) -> httpx.Response:
        path, body = f"/deploy/channels/{self.channel}/apps/{self.app}", {"release": digest, "why": why}
        headers = {"If-Match": etag, "Idempotency-Key": why}
        try:
            return await self.places[0].put(path, json=body, headers=headers)
        except httpx.TransportError:
            self.places.reverse()
            return await self.places[0].put(path, json=body, headers=headers)


async def watch(http: httpx.AsyncClient, done: asyncio.Event) -> int:
    """Read the map throughout: at every moment each module has its integrity, and time does not run backwards."""
    reads, latest = 0, 0
    while not done.is_set():
        mapped = (await http.get("/importmap.json")).json()
        assert set(mapped["imports"].values()) == mapped["integrity"].keys()
        revision = (await http.get("/apps.json")).json()["revision"]
        assert revision >= latest
        reads, latest = reads + 1, revision
    return reads


@asynccontextmanager
async def clients_of(*urls: str, token: str) -> AsyncIterator[list[httpx.AsyncClient]]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx.AsyncClient(base_url=urls[0], headers=headers, timeout=60) as first,
        httpx.AsyncClient(base_url=urls[1], headers=headers, timeout=60) as second,
    ):
        yield [first, second]


@pytest.mark.timeout(300)
async def test_every_change_is_in_the_history_once_though_a_replica_is_killed(
    database_url: str, tmp_path: Path
) -> None:
    token = await operator_token(database_url, tmp_path)
    with replica(tmp_path, database_url) as kept, replica(tmp_path, database_url) as lost:
        async with clients_of(kept.url, lost.url, token=token) as places:
            clients = [Client(number, places) for number in range(CLIENTS)]
            await asyncio.gather(*(client.publish() for client in clients))
            done = asyncio.Event()
            reader = asyncio.create_task(watch(places[0], done))
            half = asyncio.Event()
            running = asyncio.gather(*(client.run(half) for client in clients))
            await half.wait()
            lost.process.kill()
            await running
            done.set()
            assert await reader > 0
            assert_kept(await history(places[0], CHANNEL), clients)


def assert_kept(seen: list[dict[str, Any]], clients: list[Client]) -> None:
    acknowledged = [one for client in clients for one in client.acknowledged]
    assert len(acknowledged) == len(clients) * CHANGES
    assert sorted((one["revision"], one["why"]) for one in seen) == sorted(acknowledged)
    assert [one["revision"] for one in seen] == list(range(len(acknowledged), 0, -1))
    assert all(one["parent"] == one["revision"] - 1 and len(one["changes"]) == 1 for one in seen)

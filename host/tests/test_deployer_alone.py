"""The deployer without the host: replicas over one PostgreSQL and one bucket, and what stops a start."""

from __future__ import annotations

import subprocess
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from host.tests.deployer_replicas import PORTICO, environment, new_token, replica, started, url_of
from manifest.tests.manifest_world import app_files, tar_gz

GZIP = {"Content-Type": "application/gzip"}
LIMIT_S = 60


@pytest.fixture
def shared(postgres_url: str, s3_place: str, s3_environment: dict[str, str]) -> dict[str, str]:
    """Settings of replicas that share a PostgreSQL and a bucket."""
    return {"PORTICO_MANIFEST_DATABASE": postgres_url, "PORTICO_ASSETS": s3_place, **s3_environment}


def client_of(token: str) -> httpx.Client:
    return httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=LIMIT_S)


def publish(client: httpx.Client, url: str, version: str) -> str:
    archive = tar_gz(app_files(version=version, source=f"export const version = '{version}';\n" * 20))
    answer = client.post(f"{url}/deploy/apps/shop/releases", content=archive, headers=GZIP)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["digest"])


def promote(client: httpx.Client, url: str, digest: str, *, base: int) -> httpx.Response:
    path = f"{url}/deploy/channels/live/apps/shop"
    return client.put(path, json={"release": digest}, headers={"If-Match": f'"{base}"'})


def test_replicas_that_start_together_on_an_empty_database_are_one_deployer(shared: dict[str, str]) -> None:
    with ExitStack() as stack:
        processes = [stack.enter_context(started(shared)) for _ in range(3)]
        one, two, three = (url_of(process) for process in processes)
        client = stack.enter_context(client_of(new_token(shared)))
        digest = publish(client, one, "1.0.0")
        assert promote(client, two, digest, base=0).status_code == 200
        map_ = client.get(f"{three}/importmap.json").json()
        address = map_["imports"]["@sales/shop"]
        assert f"/{digest}/" in address
        assert map_["integrity"][address].startswith("sha384-")
        for url in (one, two, three):
            for address in map_["imports"].values():
                served = client.get(f"{url}{address}")
                assert served.status_code == 200, served.text
                assert served.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        second = publish(client, two, "1.0.1")
        stale = promote(client, three, second, base=0)
        assert (stale.status_code, stale.headers["ETag"]) == (412, '"1"')
        processes[0].kill()
        assert promote(client, two, second, base=1).status_code == 200
        history = client.get(f"{three}/deploy/channels/live/history").json()["revisions"]
        assert [revision["revision"] for revision in history] == [2, 1]


def test_a_deployer_needs_no_more_than_a_folder(tmp_path: Path) -> None:
    settings = {"PORTICO_DATA_DIR": str(tmp_path / "data")}
    with replica(settings) as deployer:
        token = new_token({"PORTICO_MANIFEST_DATABASE": f"sqlite:///{tmp_path}/data/manifest.db"})
        with client_of(token) as client:
            digest = publish(client, deployer.url, "1.0.0")
            assert promote(client, deployer.url, digest, base=0).status_code == 200
            assert client.get(f"{deployer.url}/readyz").json()["status"] == "ready"
    assert (tmp_path / "data/assets").is_dir()
    with replica(settings) as again:
        assert "@sales/shop" in httpx.get(f"{again.url}/importmap.json", timeout=LIMIT_S).json()["imports"]


def test_files_that_cannot_be_reached_are_told_from_files_that_are_not_there(
    shared: dict[str, str], tmp_path: Path
) -> None:
    with replica(shared) as deployer, client_of(new_token(shared)) as client:
        address = f"/a/shop/{publish(client, deployer.url, '1.0.0')}/shop.js"
        assert client.get(f"{deployer.url}{address}").status_code == 200
    with replica(shared | {"PORTICO_ASSETS": str(tmp_path)}) as elsewhere:
        assert problem(httpx.get(f"{elsewhere.url}{address}", timeout=LIMIT_S)) == (404, "asset-missing")
    # It starts all the same: the platform's own files are known to be kept.
    with replica(shared | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}) as cut_off:
        assert problem(httpx.get(f"{cut_off.url}{address}", timeout=LIMIT_S)) == (503, "assets-unavailable")


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rpartition("/")[2]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "PORTICO_DATA_DIR"),
        ({"PORTICO_ASSETS": "/tmp/portico-nowhere"}, "PORTICO_MANIFEST_DATABASE"),
        ({"PORTICO_DATA_DIR": "DIR", "PORTICO_ASSETS": "gs://bucket"}, "s3://bucket/prefix"),
        ({"PORTICO_DATA_DIR": "DIR", "PORTICO_MANIFEST_DATABASE": "mysql://a:s3cr3t-wine-7@b/c"}, "postgresql://"),
        (
            {"PORTICO_DATA_DIR": "DIR", "PORTICO_MANIFEST_DATABASE": "postgres://a:s3cr3t-wine-7@127.0.0.1:1/c"},
            "unavailable",
        ),
        ({"PORTICO_DATA_DIR": "DIR", "PORTICO_IMD": "/nowhere.json"}, "/nowhere.json"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_a_sentence(settings: dict[str, str], said: str, tmp_path: Path) -> None:
    given = {name: str(tmp_path) if value == "DIR" else value for name, value in settings.items()}
    done = subprocess.run(
        [PORTICO, "deployer", "--port", "0"], env=environment(given), capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert "s3cr3t" not in done.stderr
    assert "Traceback" not in done.stderr

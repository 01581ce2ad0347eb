"""schemathesis against a deployer that runs: what the document says is what the deployer does."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from manifest.tests.deployer_processes import ROOT, deployer
from manifest.tests.manifest_world import OPERATOR, app_files, library_files, tar_gz
from manifest.tests.schemathesis_hooks import OWN_TOKEN
from portico.manifest import Manifest, issue_token

HERE = Path(__file__).parent


@pytest.fixture
def operator(tmp_path: Path) -> tuple[str, str]:
    """The id of an operator's token in the database of the folder, and the token."""

    async def make() -> tuple[str, str]:
        async with await Manifest.open(f"sqlite:///{tmp_path}/manifest.db", tmp_path / "assets") as manifest:
            store, day = manifest.store.access, timedelta(days=1)
            record, secret = await issue_token(store, "*", label="fuzz", lifetime=day, now=manifest.now(), by=OPERATOR)
            return record.id, secret

    return asyncio.run(make())


@pytest.fixture
def url(tmp_path: Path, operator: tuple[str, str]) -> Iterator[str]:
    """A deployer with two apps, each in two releases, and some history."""
    with deployer(tmp_path) as running, httpx.Client(base_url=running, headers=bearer(operator[1]), timeout=60) as http:
        base = 0
        for version in ("1.0.0", "1.1.0"):
            for app, files in (("shop", app_files(version=version)), ("libs", library_files(version))):
                sent = http.post(
                    f"/deploy/apps/{app}/releases", content=tar_gz(files), headers={"Content-Type": "application/gzip"}
                )
                body = {"release": sent.raise_for_status().json()["digest"]}
                path = f"/deploy/channels/live/apps/{app}"
                http.put(path, json=body, headers={"If-Match": f'"{base}"'}).raise_for_status()
                base += 1
        yield running


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def fuzz(url: str, operator: tuple[str, str], folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run schemathesis as anybody would, with a seed, so that a failure can be played again."""
    id_, token = operator
    program = Path(sys.executable).with_name("schemathesis")
    command: list[str | Path] = [
        program, "--config-file", HERE / "schemathesis.toml", "run", f"{url}/deploy/openapi.json", "--url", url,
        "--header", f"Authorization: Bearer {token}", "--checks", "all", "--seed", "1", "--no-color",
        "--generation-database", "none", *options,
    ]  # fmt: skip
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "manifest.tests.schemathesis_hooks",
        "PYTHONPATH": path,
        OWN_TOKEN: id_,
    }
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=270
    )


@pytest.mark.timeout(300)  # thousands of requests, one after the other
def test_schemathesis_finds_nothing(url: str, operator: tuple[str, str], tmp_path: Path) -> None:
    done = fuzz(url, operator, tmp_path, "--max-examples", "15")
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-2000:]

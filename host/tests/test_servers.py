"""The host is an ASGI application: servers in their own processes run it from the environment alone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from host.tests.real_servers import free_ports

SERVERS = {
    "granian": "-m granian --interface asgi --factory portico.host.asgi:create --port {port}",
    "uvicorn": "-m uvicorn --factory portico.host.asgi:create --port {port}",
}
START_LIMIT_S = 60


@pytest.fixture(params=sorted(SERVERS))
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "PORTICO_BASE_URL": url,
        "PORTICO_DATA_DIR": str(tmp_path / "data"),
        "PORTICO_DEVELOPMENT": "1",
    }
    command = [sys.executable, *SERVERS[request.param].format(port=port).split()]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        wait_until_up(f"{url}/healthz", process)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_until_up(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            # All one can do is ask: Granian says its last word before it listens. One that ends is noticed at once.
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
        else:
            return
    raise AssertionError(f"the server did not come up: exit code {process.poll()}")


def test_any_asgi_server_serves_the_host(served: str) -> None:
    with httpx.Client(base_url=served, timeout=30) as http:
        assert http.get("/readyz").status_code == 200
        assert http.get("/nowhere").status_code == 404
        assert http.get("/api/any/thing").status_code == 401

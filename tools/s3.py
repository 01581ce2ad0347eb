"""A real server that speaks S3's protocol, and asset stores in a bucket of it."""

import itertools
from collections.abc import Iterator

import httpx
import pytest
from moto.server import ThreadedMotoServer

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Return the address of a server that keeps buckets in memory, for the tests of this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_environment(s3_endpoint: str) -> dict[str, str]:
    """Return the `AWS_*` settings with which a process reaches the server."""
    return {
        "AWS_ENDPOINT_URL": s3_endpoint,
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }


@pytest.fixture
def s3_place(s3_endpoint: str, s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Return where to keep assets in an empty bucket; this process has the settings to reach it."""
    for name, value in s3_environment.items():
        monkeypatch.setenv(name, value)
    bucket = f"assets-{next(_numbers)}"
    # The first request makes the server load what S3 is made of.
    httpx.put(f"{s3_endpoint}/{bucket}", timeout=60).raise_for_status()
    return f"s3://{bucket}/some/prefix"

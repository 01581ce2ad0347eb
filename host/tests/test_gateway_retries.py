"""What is tried again, and what never is: counted at a BFF that answers the first time as each case says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from host.tests.gateway_site import gateway_site
from host.tests.real_servers import free_ports
from portico.host.gateway.remote import RemoteBackend, new_client

OURS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin", "X-Who": "ada"}
FINE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Unsteady:
    """A BFF that notes each request's first line; `ending` says on which it hangs up instead of answering."""

    ending: Callable[[int], bool]
    heard: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            self.heard.append(head.partition(b" HTTP")[0])
            if self.ending(len(self.heard)):
                break
            writer.write(FINE if not head.startswith(b"HEAD") else FINE.removesuffix(b"ok"))
            await writer.drain()
        writer.close()


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


@asynccontextmanager
async def browsing(unsteady: Unsteady) -> AsyncIterator[httpx.AsyncClient]:
    server = await asyncio.start_server(unsteady.serve, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with (
        gateway_site(remote=True, origin=origin) as site,
        httpx.AsyncClient(base_url=site.origin, headers=OURS) as browser,
    ):
        yield browser
    server.close()


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_read_whose_connection_was_closed_is_tried_once_more(method: str) -> None:
    unsteady = Unsteady(lambda number: number == 1)
    async with browsing(unsteady) as browser:
        assert (await browser.request(method, "/api/shop/x")).status_code == 200
    assert len(unsteady.heard) == 2


async def test_a_read_is_tried_no_third_time() -> None:
    unsteady = Unsteady(lambda _number: True)
    async with browsing(unsteady) as browser:
        assert (await browser.get("/api/shop/x")).status_code == 503
    assert len(unsteady.heard) == 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k1"}], ids=["plain", "with a key"])
async def test_a_command_that_the_bff_may_have_got_is_never_tried_again(method: str, headers: dict[str, str]) -> None:
    """Not even on a connection that had been kept open, where aiohttp would."""
    unsteady = Unsteady(lambda number: number == 2)
    async with browsing(unsteady) as browser:
        assert (await browser.get("/api/shop/x")).status_code == 200
        assert (await browser.request(method, "/api/shop/x", headers=headers)).status_code == 503
    assert len(unsteady.heard) == 2


@dataclass
class Starting:
    """Starts the BFF while the gateway pauses before it tries again."""

    port: int
    unsteady: Unsteady = field(default_factory=lambda: Unsteady(lambda _number: False))
    pauses: list[float] = field(default_factory=list)
    server: asyncio.Server | None = None

    async def __call__(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.server = await asyncio.start_server(self.unsteady.serve, "127.0.0.1", self.port)


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [("GET", {}, 200), ("POST", {"Idempotency-Key": "k1"}, 200), ("DELETE", {"Idempotency-Key": "k1"}, 200),
     ("POST", {}, 503), ("DELETE", {}, 503)],
)  # fmt: skip
async def test_a_call_that_found_no_connection_is_tried_again_when_that_is_safe(
    method: str, headers: dict[str, str], status: int
) -> None:
    [port] = free_ports(1)
    starting = Starting(port)
    async with new_client() as client:
        backend = RemoteBackend(client, f"http://127.0.0.1:{port}", pause=starting)
        async with (
            gateway_site(remote=False, more={"unsteady": backend}) as site,
            httpx.AsyncClient(base_url=site.origin, headers=OURS) as browser,
        ):
            assert (await browser.request(method, "/api/unsteady/x", headers=headers)).status_code == status
    assert len(starting.unsteady.heard) == len(starting.pauses) == (1 if status == 200 else 0)
    assert all(0.05 <= pause < 0.15 for pause in starting.pauses)
    if starting.server is not None:
        starting.server.close()

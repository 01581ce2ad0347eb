"""Applications behind a real HTTP server on loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp

from e2e.stack import free_port


@asynccontextmanager
async def serving(app: ASGIApp, port: int) -> AsyncIterator[None]:
    """`app`, with its lifespan, at `127.0.0.1:port`, accepting connections."""
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_level=LogLevels.error)
    task = asyncio.create_task(server.serve())
    try:
        while not _accepts(port):
            assert not task.done(), "the server has ended"
            await asyncio.sleep(0.01)
        yield
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await task


def free_ports(number: int) -> list[int]:
    """Ports that nobody listens on now, all different."""
    ports: set[int] = set()
    while len(ports) < number:
        ports.add(free_port())
    return list(ports)


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.setblocking(True)
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0

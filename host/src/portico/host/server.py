"""Serves an ASGI application with Granian inside this process, until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Awaitable, Callable

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp

from portico.host.errors import ConfigurationError

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

_logger = logging.getLogger(__name__)


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def check_port(address: str, port: int) -> None:
    """Raise `ConfigurationError` when the port cannot be had; Granian itself only dies without a word."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                raise ConfigurationError(
                    f"Port {port} on {address} cannot be used ({error.strerror}). Choose another: --port {port + 1}, "
                    f"or make up PORT={port + 1}."
                ) from error
            raise


async def serve(app: ASGIApp, *, address: str, port: int, ready: Callable[[], Awaitable[None]] | None = None) -> None:
    """Serve `app` until SIGINT or SIGTERM; `ready` runs once connections are accepted."""
    check_port(address, port)
    server = Server(
        app,
        address=address,
        port=port,
        interface=Interfaces.ASGI,
        log_level=LogLevels.error,
        # One Python thread runs the loop; more Rust threads only move the work about on small machines.
        runtime_threads=1,
    )
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    try:
        serving = asyncio.create_task(server.serve(), name="granian")
        stopping = asyncio.create_task(stopped.wait(), name="stop signal")
        if ready is not None:
            await _accepting(address, port, serving)
            await ready()
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            server.stop()  # type: ignore[no-untyped-call]
        stopping.cancel()
        await serving
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)


async def _accepting(address: str, port: int, serving: asyncio.Task[None]) -> None:
    """Return once the port accepts connections, or the server has ended."""
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(address, port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            await writer.wait_closed()
            return

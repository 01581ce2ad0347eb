"""One application, its lifespan and its signals in one process, so that ending the process ends everything in it."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.applications import Starlette

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class PortUnavailable(Exception):
    """The port cannot be listened on: taken, or not allowed. `reason` is the system's word for it."""

    def __init__(self, address: str, port: int, reason: str) -> None:
        super().__init__(f"Port {port} on {address} cannot be used: {reason}.")
        self.address = address
        self.port = port
        self.reason = reason


def check_port(address: str, port: int) -> int:
    """The port, a free one for 0, when nobody has it: Granian would share it, or die without a word.

    Raises `PortUnavailable`.
    """
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except (OSError, OverflowError) as error:
            raise PortUnavailable(address, port, getattr(error, "strerror", None) or str(error)) from error
        return int(probe.getsockname()[1])


async def serve(
    app: Starlette, *, address: str, port: int, ready: Callable[[str], Awaitable[None]] | None = None
) -> None:
    """Serve `app`, with its lifespan around it, until SIGINT or SIGTERM.

    `ready` is called with the base URL once connections are accepted. Raises `PortUnavailable`, and whatever the
    lifespan raises at the start: it runs here, because Granian would swallow that.
    """
    port = check_port(address, port)
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, stopped.set)
    try:
        async with app.router.lifespan_context(app):
            if not stopped.is_set():
                await _serve_until(stopped, app, address, port, ready)
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)


async def _serve_until(
    stopped: asyncio.Event,
    app: Starlette,
    address: str,
    port: int,
    ready: Callable[[str], Awaitable[None]] | None,
) -> None:
    server = Server(
        app,
        address=address,
        port=port,
        interface=Interfaces.ASGINL,
        websockets=False,
        log_level=LogLevels.error,
    )
    serving = asyncio.create_task(server.serve(), name="granian")
    stopping = asyncio.create_task(stopped.wait(), name="stop signal")
    try:
        await _accepting(address, port, serving)
        if ready is not None and not serving.done():
            await ready(f"http://{f'[{address}]' if ':' in address else address}:{port}")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not serving.done():
            server.stop()  # type: ignore[no-untyped-call]
        await serving


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

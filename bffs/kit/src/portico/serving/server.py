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

GRACE_S = 5.0
"""How long requests under way may go on after the first signal, in seconds."""

BACKLOG = 2048
"""How many connections may wait to be accepted."""

CONNECTIONS = 32_768
"""How many connections may be open at once: live streams are many, and silent ones must not shut everyone else out."""

_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class PortUnavailable(Exception):
    """The port cannot be listened on: taken, or not allowed. `reason` is the system's word for it."""

    def __init__(self, address: str, port: int, reason: str) -> None:
        super().__init__(f"Port {port} on {address} cannot be used: {reason.rstrip('.')}.")
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
    app: Starlette,
    *,
    address: str,
    port: int,
    ready: Callable[[str], Awaitable[None]] | None = None,
    stopping: Callable[[], None] | None = None,
) -> None:
    """Serve `app`, with its lifespan around it, until SIGINT or SIGTERM.

    Requests under way then get `GRACE_S` to end, or until a second signal: a half-sent one would never.
    `ready` is called with the base URL once connections are accepted, `stopping` at the signal, so that it can ask
    what would never end by itself to end. Raises `PortUnavailable`, and whatever the lifespan raises at the start: it
    runs here, because Granian would swallow that.
    """
    port = check_port(address, port)
    loop = asyncio.get_running_loop()
    stop, hurry = asyncio.Event(), asyncio.Event()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, lambda: hurry.set() if stop.is_set() else stop.set())
    try:
        async with app.router.lifespan_context(app):
            if not stop.is_set():
                await _serve_until(stop, hurry, _server(app, address, port), ready=ready, stopping=stopping)
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)


async def _serve_until(
    stop: asyncio.Event,
    hurry: asyncio.Event,
    server: Server,
    *,
    ready: Callable[[str], Awaitable[None]] | None,
    stopping: Callable[[], None] | None,
) -> None:
    address, port = server.bind_addr, server.bind_port
    serving = asyncio.create_task(server.serve(), name="granian")
    stopped = asyncio.create_task(stop.wait(), name="stop signal")
    try:
        await _accepting(address, port, serving)
        if ready is not None and not serving.done():
            await ready(f"http://{f'[{address}]' if ':' in address else address}:{port}")
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        if stopping is not None:
            stopping()
        if not serving.done():
            server.stop()  # type: ignore[no-untyped-call]
            await _ended(serving, hurry)


def _server(app: Starlette, address: str, port: int) -> Server:
    return Server(
        app,
        address=address,
        port=port,
        interface=Interfaces.ASGINL,
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        log_level=LogLevels.error,
    )


async def _ended(serving: asyncio.Task[None], hurry: asyncio.Event) -> None:
    """Return when the server has ended, which it is made to when its time is over."""
    hurried = asyncio.create_task(hurry.wait(), name="second stop signal")
    await asyncio.wait({serving, hurried}, timeout=GRACE_S, return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    if not serving.done():
        serving.cancel()
        await asyncio.wait({serving}, timeout=1)


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

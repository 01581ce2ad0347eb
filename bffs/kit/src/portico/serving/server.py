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
"""How many connections may wait, and how many may be open at once: silent ones must not shut everyone else out."""

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
    app: Starlette, *, address: str, port: int, ready: Callable[[str], Awaitable[None]] | None = None
) -> None:
    """Serve `app`, with its lifespan around it, until SIGINT or SIGTERM.

    Requests under way then get `GRACE_S` to end, or until a second signal: a half-sent one would never.
    `ready` is called with the base URL once connections are accepted. Raises `PortUnavailable`, and whatever the
    lifespan raises at the start: it runs here, because Granian would swallow that.
    """
    port = check_port(address, port)
    loop = asyncio.get_running_loop()
    stop, hurry = asyncio.Event(), asyncio.Event()
    for number in _STOP_SIGNALS:
        loop.add_signal_handler(number, lambda: hurry.set() if stop.is_set() else stop.set())
    try:
        async with app.router.lifespan_context(app):
            if not stop.is_set():
                await _serve_until(stop, hurry, app, address=address, port=port, ready=ready)
    finally:
        for number in _STOP_SIGNALS:
            loop.remove_signal_handler(number)


async def _serve_until(
    stop: asyncio.Event,
    hurry: asyncio.Event,
    app: Starlette,
    *,
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
        backlog=BACKLOG,
        backpressure=BACKLOG,
        log_level=LogLevels.error,
    )
    serving = asyncio.create_task(server.serve(), name="granian")
    stopping = asyncio.create_task(stop.wait(), name="stop signal")
    try:
        await _accepting(address, port, serving)
        if ready is not None and not serving.done():
            await ready(f"http://{f'[{address}]' if ':' in address else address}:{port}")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not serving.done():
            server.stop()  # type: ignore[no-untyped-call]
            await _ended(serving, hurry)


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

"""One application, its lifespan and its signals in one process, so that ending the process ends everything in it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Final

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
_TASKS: Final = Path("/proc/self/task")


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
    with _bound(address, port) as probe:
        return _port_of(probe)


@contextmanager
def _kept_port(address: str, port: int) -> Iterator[int]:
    """The same, and until the block ends the system gives it to nobody who takes any free port.

    An application may take seconds to start: another that starts meanwhile would share its port with it.
    """
    with _bound(address, port) as probe:
        port = _port_of(probe)
        if sys.platform != "linux":
            probe.close()  # elsewhere it would keep the server itself out
        yield port


def _bound(address: str, port: int) -> socket.socket:
    """A socket that has the port and does not listen: a server that is told this port still gets it (socket(7))."""
    probe = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((address, port))
    except (OSError, OverflowError) as error:
        probe.close()
        raise PortUnavailable(address, port, getattr(error, "strerror", None) or str(error)) from error
    return probe


def _port_of(probe: socket.socket) -> int:
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
    loop = asyncio.get_running_loop()
    stop, hurry = asyncio.Event(), asyncio.Event()
    with _kept_port(address, port) as kept:
        for number in _STOP_SIGNALS:
            loop.add_signal_handler(number, lambda: hurry.set() if stop.is_set() else stop.set())
        try:
            async with app.router.lifespan_context(app):
                if not stop.is_set():
                    with _start_kept_from_collections():
                        await _serve_until(stop, hurry, _server(app, address, kept), ready=ready, stopping=stopping)
        finally:
            for number in _STOP_SIGNALS:
                loop.remove_signal_handler(number)


@contextmanager
def _start_kept_from_collections() -> Iterator[None]:
    """Leave what the start has made, and serving keeps, out of garbage collections.

    A full one walks all of it, 70 ms in a host, while everybody waits; without it, there is next to nothing to walk.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


async def _serve_until(
    stop: asyncio.Event,
    hurry: asyncio.Event,
    server: Server,
    *,
    ready: Callable[[str], Awaitable[None]] | None,
    stopping: Callable[[], None] | None,
) -> None:
    address, port = server.bind_addr, server.bind_port
    before, threads = _threads(), set[str]()
    serving = asyncio.create_task(server.serve(), name="granian")
    stopped = asyncio.create_task(stop.wait(), name="stop signal")
    try:
        await _accepting(address, port, serving)
        threads = _threads() - before
        if ready is not None and not serving.done():
            await ready(f"http://{f'[{address}]' if ':' in address else address}:{port}")
        await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        if stopping is not None:
            stopping()
        if not serving.done():
            server.stop()  # type: ignore[no-untyped-call]
            if await _ended(serving, hurry):
                await _gone(threads)


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


async def _ended(serving: asyncio.Task[None], hurry: asyncio.Event) -> bool:
    """Return when the server has ended, which it is made to when its time is over: False."""
    hurried = asyncio.create_task(hurry.wait(), name="second stop signal")
    await asyncio.wait({serving, hurried}, timeout=GRACE_S, return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    if serving.done():
        return True
    serving.cancel()
    await asyncio.wait({serving}, timeout=1)
    return False


def _threads() -> set[str]:
    """The threads of this process that Python has not started, Granian's among them; none where nothing tells them."""
    if not _TASKS.exists():
        return set()
    return {task.name for task in _TASKS.iterdir()} - {str(thread.native_id) for thread in threading.enumerate()}


async def _gone(threads: Set[str]) -> None:
    """Return when these threads have ended, or do not in a second.

    Granian says that it has ended before its threads have let go of Python's objects. One that comes to that while
    the interpreter ends aborts the process (SIGABRT), and a clean stop looks like a crash.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            while threads & _threads():  # noqa: ASYNC110 (nothing tells of their end)
                await asyncio.sleep(0.001)


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

"""A served application stops when it is told to, whatever its clients are doing."""

from __future__ import annotations

import asyncio
import signal
import socket
import sys

import pytest

from portico.serving import PortUnavailable, check_port

PROGRAM = """
import asyncio, sys
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from portico.serving import serve, server
server.GRACE_S = float(sys.argv[1])

@asynccontextmanager
async def lifespan(app):
    yield
    print("closed", flush=True)

async def read(request):
    return Response(await request.body())

async def ready(url):
    print(url, flush=True)

app = Starlette(routes=[Route("/", read, methods=["GET", "POST"])], lifespan=lifespan)
asyncio.run(serve(app, address="127.0.0.1", port=0, ready=ready))
"""
HALF = {
    "half a head": b"GET / HTTP/1.1\r\nHo",
    "half a body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
    "nothing": b"",
}


async def start(grace: float) -> tuple[asyncio.subprocess.Process, int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROGRAM, str(grace), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    return process, int((await process.stdout.readline()).decode().rpartition(":")[2])


@pytest.mark.parametrize("what", sorted(HALF))
async def test_a_client_that_never_finishes_holds_up_no_stop(what: str) -> None:
    """After the time of grace the lifespan ends and the process with it."""
    process, port = await start(0.2)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HALF[what])
    await writer.drain()
    process.send_signal(signal.SIGTERM)
    assert process.stdout is not None
    async with asyncio.timeout(20):
        assert await process.stdout.readline() == b"closed\n"
        assert await process.wait() == 0
    writer.close()


STARTING = """
import asyncio, sys
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from portico.serving import serve, server

def spied(*arguments):
    port = arguments[-1]
    print(port, flush=True)
    sys.stdin.readline()
    return made(*arguments)

async def ready(url):
    print(url, flush=True)

made, server._server = server._server, spied
asyncio.run(serve(Starlette(), address="127.0.0.1", port=0, ready=ready))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a port cannot be kept and listened on")
async def test_a_port_that_was_free_is_kept_until_the_server_listens_on_it() -> None:
    """Others would take it while the application starts, and be answered for."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", STARTING, stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    assert process.stdin is not None
    port = int(await process.stdout.readline())
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    process.stdin.write(b"go on\n")
    assert (await process.stdout.readline()).decode() == f"http://127.0.0.1:{port}\n"
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        assert await process.wait() == 0


LAST = """
import _thread, asyncio, os, signal, threading
from starlette.applications import Starlette
from portico.serving import serve, server

late = threading.Event()
accepting, ended = server._accepting, server._ended

async def accepted(*arguments):
    await accepting(*arguments)
    _thread.start_new_thread(late.wait, ())  # one that is not in Python's own list, as Granian's are not

async def over(*arguments):
    try:
        return await ended(*arguments)
    finally:
        asyncio.get_running_loop().call_later(0.2, late.set)

async def ready(url):
    os.kill(os.getpid(), signal.SIGTERM)

async def main():
    server._accepting, server._ended = accepted, over
    await serve(Starlette(), address="127.0.0.1", port=0, ready=ready)
    print(len(os.listdir("/proc/self/task")), flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="its threads are known on Linux alone")
async def test_no_thread_of_the_server_outlives_it() -> None:
    """One that did would abort the process at its end, now and then."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", LAST, stdout=pipe, stderr=pipe)
    async with asyncio.timeout(20):
        said, errors = await process.communicate()
    assert (said, errors, process.returncode) == (b"1\n", b"", 0)


SETTLED = """
import asyncio, gc, os, signal
from starlette.applications import Starlette
from portico.serving import serve

async def ready(url):
    print(gc.get_freeze_count() > 10_000, len(gc.get_objects()) < 1_000, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

asyncio.run(serve(Starlette(), address="127.0.0.1", port=0, ready=ready))
print(gc.get_freeze_count(), flush=True)
"""


async def test_collections_while_serving_do_not_walk_what_the_start_has_made() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", SETTLED, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(20):
        said, _ = await process.communicate()
    assert said.decode().split() == ["True", "True", "0"]


async def test_silent_connections_shut_nobody_out() -> None:
    """Three hundred that say nothing; the next one is answered."""
    process, port = await start(0.2)
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(300)]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    async with asyncio.timeout(20):
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(20):
        await process.wait()
    for _, each in [*silent, (reader, writer)]:
        each.close()


async def test_a_second_signal_waits_for_nobody() -> None:
    """However long the time of grace is."""
    process, port = await start(3600)
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HALF["half a body"])
    await writer.drain()
    assert process.stdout is not None
    process.send_signal(signal.SIGINT)
    async with asyncio.timeout(20):
        # The second one may be sent again: the first must have been seen as the first.
        while process.returncode is None:
            process.send_signal(signal.SIGINT)
            await asyncio.sleep(0.05)
        assert await process.stdout.readline() == b"closed\n"
    writer.close()


def test_a_port_that_somebody_has_is_refused_with_its_number() -> None:
    """Granian itself would share it, or die without a word."""
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        port = somebody.getsockname()[1]
        with pytest.raises(PortUnavailable, match=rf"Port {port} on 127\.0\.0\.1 cannot be used"):
            check_port("127.0.0.1", port)
    assert check_port("127.0.0.1", port) == port
    with pytest.raises(PortUnavailable, match="Port 70000"):
        check_port("127.0.0.1", 70_000)

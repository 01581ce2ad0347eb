"""The bundled hub is a real server that keeps what it acknowledged and does not outlive the platform."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import nats
import pytest

from portico.host.errors import HubUnavailable
from portico.host.nats import NatsServer


async def test_what_the_hub_acknowledged_is_there_after_a_restart(tmp_path: Path) -> None:
    server = NatsServer(tmp_path)
    connection = await nats.connect(await server.start())
    jetstream = connection.jetstream()
    await jetstream.add_stream(name="evt", subjects=["evt.>"])
    await jetstream.publish("evt.a", b"kept")
    await connection.close()
    await server.stop()
    connection = await nats.connect(await server.start())
    kept = await connection.jetstream().get_msg("evt", 1)
    await connection.close()
    await server.stop()
    assert kept.data == b"kept"


async def test_the_hub_answers_nobody_without_its_token(tmp_path: Path) -> None:
    server = NatsServer(tmp_path)
    url = await server.start()
    address, _, port = url.rpartition("@")[2].rpartition(":")
    reader, writer = await asyncio.open_connection(address, int(port))
    writer.write(b"CONNECT {}\r\nPING\r\n")
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    assert b"-ERR 'Authorization Violation'" in answer
    assert (tmp_path / "nats.conf").stat().st_mode & 0o077 == 0
    await server.stop()


async def test_a_hub_that_cannot_start_says_why(tmp_path: Path) -> None:
    first = NatsServer(tmp_path / "one")
    port = int((await first.start()).rpartition(":")[2])
    with pytest.raises(HubUnavailable, match=r"address already in use|bind"):
        await NatsServer(tmp_path / "two", port=port).start()
    await first.stop()


async def test_a_hub_left_over_by_a_killed_platform_is_ended_before_the_next_one_starts(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, sys\n"
        "from portico.host.nats import NatsServer\n"
        "async def main():\n"
        "    print(await NatsServer(pathlib.Path(sys.argv[1])).start(), flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    platform = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert platform.stdout is not None
    await platform.stdout.readline()
    left_over = int((tmp_path / "nats.pid").read_text())
    platform.send_signal(signal.SIGKILL)
    await platform.wait()
    server = NatsServer(tmp_path)
    await server.start()
    assert not _runs(left_over, tmp_path)
    await server.stop()


def _runs(pid: int, folder: Path) -> bool:
    try:
        os.kill(pid, 0)
        return str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (ProcessLookupError, FileNotFoundError):
        return False

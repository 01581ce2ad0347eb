"""Server processes under measurement: started, waited for, asked for their CPU time, ended."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

ROOT = Path(__file__).parents[1]
_START_LIMIT_S = 60
_STOP_LIMIT_S = 10
_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Server:
    """A process that serves HTTP at `url`."""

    url: str
    pid: int

    def cpu_ns(self) -> int:
        """User and system time of all its threads so far, in nanoseconds (Linux: clock_getcpuclockid(3))."""
        # Python has no clock_getcpuclockid; this is how Linux makes the id from the process's.
        return time.clock_gettime_ns((~self.pid << 3) | 2)


@asynccontextmanager
async def serving(
    *arguments: str, url: str, environment: Mapping[str, str], path: Sequence[Path] = (), probe: str = "/healthz"
) -> AsyncIterator[Server]:
    """`python -m <arguments>` while the block runs, once `probe` answers 200; `path` are more folders to import from.

    Raises RuntimeError with what it said when the process ends or does not answer in time.
    """
    folders = os.pathsep.join(str(folder) for folder in path)
    command = (sys.executable, "-m", *arguments)
    async with running(
        *command, url=url, environment={**environment, "PYTHONPATH": folders}, folder=ROOT, probe=probe
    ) as server:
        yield server


@asynccontextmanager
async def running(
    *command: str, url: str, environment: Mapping[str, str], folder: Path, probe: str
) -> AsyncIterator[Server]:
    """A program in `folder` while the block runs; as `serving`."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    # Read all along, so that a process that logs a lot never waits for us.
    saying = asyncio.create_task(process.stderr.read())
    try:
        if not await _answers(process, url + probe):
            await _end(process)
            raise RuntimeError(f"{' '.join(command)} does not serve:\n{(await saying).decode()}")
        yield Server(url, process.pid)
    finally:
        await _end(process)
        await saying


async def _answers(process: asyncio.subprocess.Process, url: str) -> bool:
    deadline = time.monotonic() + _START_LIMIT_S
    async with aiohttp.ClientSession() as client:
        while process.returncode is None and time.monotonic() < deadline:
            try:
                async with client.get(url) as response:
                    if response.status == 200:
                        return True
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(_POLL_S)
    return False


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_LIMIT_S)
        except TimeoutError:
            process.kill()
            await process.wait()

"""A platform of many processes in a folder, with one person's browser before it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

from host.tests.real_servers import free_ports
from host.tests.token_site import TokenSite
from portico.host.split.state import ProcessState, RunState, read_state

ROOT = Path(__file__).resolve().parents[2]
PORTICO = Path(sys.executable).with_name("portico")
ENTRY_POINTS = (
    "[portico.bffs]\nnotes = host.tests.notes_bff:create_app\nbroken = host.tests.no_such_module:create_app\n"
)
LIMIT_S = 60.0


async def until(true: Callable[[], object], what: str) -> None:
    """Return once the condition holds: it is about other processes, which nobody here is told of."""
    try:
        async with asyncio.timeout(LIMIT_S):
            while not true():  # noqa: ASYNC110 (as the docstring says)
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"not within {LIMIT_S:.0f} s: {what}") from None


class SplitSite:
    """`portico up --split` in a folder; `log` is what it prints."""

    def __init__(self, folder: Path, *, services: str = "notes") -> None:
        self.data_dir = folder / "data"
        self.log_file = folder / "log"
        [self.port] = free_ports(1)
        self.url = f"http://127.0.0.1:{self.port}"
        self.people = folder / "people.json"
        self.people.write_text('[{"sub": "ada", "name": "Ada"}]')
        about = folder / "notes_bff-0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: notes-bff\nVersion: 0\n")
        (about / "entry_points.txt").write_text(ENTRY_POINTS)
        path = os.pathsep.join([str(folder), str(ROOT)])
        self.environment = {**os.environ, "PYTHONPATH": path, "PORTICO_SERVICES": services, "NOTES_COLOUR": "red"}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    @property
    def state(self) -> RunState | None:
        """What the state file says of the supervisor that runs now."""
        state = read_state(self.data_dir)
        assert self.process is not None
        return state if state is not None and state.pid == self.process.pid else None

    def of(self, name: str) -> ProcessState:
        assert self.state is not None
        return next(one for one in self.state.processes if one.name == name)

    def start(self, *command: str) -> None:
        arguments = command or (
            str(PORTICO), "up", "--split", "--port", str(self.port), "--data-dir", str(self.data_dir),
            "--people", str(self.people),
        )  # fmt: skip
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(arguments, cwd=ROOT, stdout=log, stderr=log, env=self.environment)

    async def started(self, *, without: Sequence[str] = ()) -> None:
        """Return once all run but those."""

        def all_run() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, self.log
            state = self.state
            found = () if state is None else state.processes
            return bool(found) and all(one.state == "running" for one in found if one.name not in without)

        await until(all_run, f"all run, {self.log_file}")

    async def end(self, number: signal.Signals) -> int:
        """Signal the supervisor, and return its code."""
        assert self.process is not None
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, LIMIT_S)

    def environment_of(self, name: str) -> dict[str, str]:
        """What a process was told."""
        lines = Path(f"/proc/{self.of(name).pid}/environ").read_text().split("\0")
        return {key: text for key, _, text in (line.partition("=") for line in lines)}

    def left(self) -> list[int]:
        """Processes that still know of this folder."""
        mark = str(self.data_dir).encode()
        return [int(one.name) for one in Path("/proc").glob("[0-9]*") if mark in _told(one)]

    async def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            await self.end(signal.SIGKILL)
        await until(lambda: not self.left(), f"nothing is left, {self.log_file}")


def _told(process: Path) -> bytes:
    """Its command line and environment; nothing of one that ends at this moment."""
    try:
        if process.name == str(os.getpid()):
            return b""
        return (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    except OSError:
        return b""


@asynccontextmanager
async def split_site(folder: Path, *, services: str = "notes") -> AsyncIterator[SplitSite]:
    """One that is not started yet; nothing of it is left afterwards."""
    site = SplitSite(folder, services=services)
    try:
        yield site
    finally:
        await site.close()


@asynccontextmanager
async def person(site: SplitSite) -> AsyncIterator[TokenSite]:
    """Somebody who is signed in there."""
    headers = {"sec-fetch-site": "same-origin", "X-Portico": "1"}
    async with httpx2.AsyncClient(headers=headers, trust_env=False, timeout=30) as browser:
        issuer = f"http://127.0.0.1:{site.of('sign-in').port}/dev-idp"
        found = TokenSite(site.url, site.data_dir, browser, issuer)
        await found.sign_in()
        yield found

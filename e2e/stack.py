"""Starts the platform as people do, with `portico up`, and gives tests what they need to end it in every way."""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PORTICO = Path(sys.executable).with_name("portico")
START_LIMIT_S = 110.0
STOP_LIMIT_S = 30.0
"""A split platform gives its processes ten seconds to end, and the hub ten more after them."""
PORTS = range(20_000, 32_000)
"""Below those that systems give away by themselves, so that nobody is given one of these before it is used, and above
those that a split platform chooses from."""
_turns = itertools.count(os.getpid() * 211)
"""No port twice in a process; and processes that begin one after the other begin far apart."""


class Stack:
    """One platform: host, mounted BFFs, NATS and the development provider, with its state in `data_dir`.

    `address` is where it listens, `url` what people see: the same, unless `environment` has a `PORTICO_BASE_URL`.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        environment: dict[str, str] | None = None,
        arguments: Sequence[str] = (),
        start_limit_s: float = START_LIMIT_S,
    ) -> None:
        self.data_dir = data_dir
        self._arguments = arguments
        self._start_limit_s = start_limit_s
        self.port = port or free_port()
        self._environment = environment or {}
        self.address = f"http://127.0.0.1:{self.port}"
        self.url = self._environment.get("PORTICO_BASE_URL", self.address)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        return self.data_dir.with_suffix(".log")

    @property
    def pid(self) -> int:
        assert self._process is not None, "the stack does not run"
        return self._process.pid

    def start(self) -> Stack:
        """Start, and return once the platform says that it is ready."""
        self._run_file.unlink(missing_ok=True)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [PORTICO, "up", "--demo", "--port", str(self.port), "--data-dir", str(self.data_dir), *self._arguments],
                cwd=ROOT,
                stdout=log,
                stderr=log,
                env={**os.environ, **self._environment},
            )
        try:
            self._wait_until_ready(self._process)
        except BaseException:
            self.kill()  # nobody else knows of it
            raise
        return self

    def stop(self) -> None:
        """Stop as Ctrl-C does."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop and start again on the same state and port."""
        self.stop()
        self.start()

    def portico(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a `portico` command against this platform, with its deploy token."""
        return subprocess.run(
            [PORTICO, *arguments],
            cwd=ROOT,
            env={**os.environ, "PORTICO_URL": self.url, "PORTICO_TOKEN": self.deploy_token},
            capture_output=True,
            text=True,
            check=check,
            timeout=60,
        )

    def portico_json(self, *arguments: str) -> object:
        """What a `portico` command prints with `--json`."""
        return json.loads(self.portico(*arguments, "--json").stdout)

    def revision(self) -> int:
        """The number of the live channel's current revision."""
        document = self.portico_json("history")
        assert isinstance(document, dict)
        return int(document["revisions"][0]["revision"])

    @contextmanager
    def as_it_was(self) -> Iterator[None]:
        """Afterwards, the channel shows again what it showed before."""
        before = self.revision()
        yield
        if self.revision() != before:
            self.portico("rollback", "--to", str(before))

    @property
    def deploy_token(self) -> str:
        return (self.data_dir / "deploy-token").read_text().strip()

    @property
    def nats_url(self) -> str:
        return str(json.loads(self._run_file.read_text())["nats"])

    @property
    def _run_file(self) -> Path:
        return self.data_dir / "run.json"

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        process.wait(timeout=STOP_LIMIT_S)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + self._start_limit_s
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise RuntimeError(f"portico up ended with code {process.returncode}:\n{self.log_file.read_text()}")
            if self._run_file.exists() and is_up(f"{self.address}/readyz"):
                return
            time.sleep(0.02)  # polling a health endpoint
        raise RuntimeError(f"portico up was not ready within {self._start_limit_s:.0f} s:\n{self.log_file.read_text()}")


def is_up(url: str, *, within_s: float = 2) -> bool:
    """Whether a GET of `url` is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=within_s) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.HTTPError):
        return False


def free_port() -> int:
    """A loopback port that nobody uses now, and that no other process is given here while this one lives.

    So it may be let go and taken again: by a server that starts late, or that a test kills and starts anew.
    """
    for turn in itertools.islice(_turns, len(PORTS)):
        port = PORTS[turn % len(PORTS)]
        with socket.socket() as probe, suppress(OSError):
            fcntl.lockf(_given_away(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("every port is in use")


@cache
def _given_away() -> int:
    """A file of which each process locks one byte for each port that it has been given, until it ends."""
    path = Path(tempfile.gettempdir()) / f"portico-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def browser_arguments() -> Sequence[str]:
    """How Chromium is started for tests: no calls home, and no sandbox where root cannot have one."""
    quiet = (
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        "--disable-quic",
    )
    return (*quiet, "--no-sandbox") if os.geteuid() == 0 else quiet

"""The processes of `portico up --split`, found by its state file: to be halted, killed, and waited for."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HUB: Final = "hub"
RETURN_LIMIT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Process:
    """As much of a process as is asked here."""

    name: str
    pid: int | None
    state: str
    restarts: int


class Processes:
    """All processes of a data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / "run" / "processes.json"

    def all(self) -> dict[str, Process]:
        """As the supervisor has written them down last."""
        return {
            one["name"]: Process(one["name"], one.get("pid"), one["state"], one.get("restarts", 0))
            for one in json.loads(self._file.read_bytes())["processes"]
        }

    @property
    def names(self) -> list[str]:
        return list(self.all())

    def kill(self, name: str) -> None:
        """End one at once."""
        os.kill(self._pid(name), signal.SIGKILL)

    @contextmanager
    def halted(self, name: str) -> Iterator[None]:
        """One does nothing and answers nobody, though its connections stay open (SIGSTOP)."""
        pid = self._pid(name)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def until_running(self, *, restarts: int = 0) -> None:
        """Wait until all run, each after so many restarts or more."""
        deadline = time.monotonic() + RETURN_LIMIT_S
        while late := [one for one in self.all().values() if one.state != "running" or one.restarts < restarts]:
            assert time.monotonic() < deadline, f"after {RETURN_LIMIT_S:.0f} s these do not run: {late}"
            time.sleep(0.05)  # polling a file

    def _pid(self, name: str) -> int:
        """Its process, once it has one: it may be between two of them."""
        deadline = time.monotonic() + RETURN_LIMIT_S
        while (pid := self.all()[name].pid) is None:
            assert time.monotonic() < deadline, f"{name} has no process"
            time.sleep(0.05)  # polling a file
        return pid

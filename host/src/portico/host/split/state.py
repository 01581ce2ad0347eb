"""The state file of `portico up --split`: written by the supervisor alone, read by everybody else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import msgspec

from portico.host.secretfile import replace

STATE_FILE = Path("run") / "processes.json"
"""Below the data folder. It stays when all has ended: the next start takes the same ports."""

State = Literal["starting", "running", "waiting", "stopped"]
"""`starting`: it does not answer yet. `waiting`: it has died, and is started again after a pause."""


class ProcessState(msgspec.Struct, frozen=True):
    """One process as the supervisor sees it. `since` (Unix time, seconds) is when it came into its `state`."""

    name: str
    port: int | None
    state: State
    since: float
    pid: int | None = None
    restarts: int = 0
    why: str = ""


class RunState(msgspec.Struct, frozen=True):
    """All processes of a data folder. `pid` is the supervisor's."""

    pid: int
    url: str
    since: float
    processes: tuple[ProcessState, ...]

    @property
    def is_alive(self) -> bool:
        """Whether the supervisor that wrote this is still there."""
        return is_alive(self.pid)


def write_state(data_dir: Path, state: RunState) -> None:
    """Put the state in place of the one before: readers see either, whole. Raises ConfigurationError."""
    path = data_dir / STATE_FILE
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace(path, msgspec.json.format(msgspec.json.encode(state), indent=1) + b"\n")


def read_state(data_dir: Path) -> RunState | None:
    """What the last supervisor wrote; None where there was none, or where this is not its file."""
    try:
        return msgspec.json.decode((data_dir / STATE_FILE).read_bytes(), type=RunState)
    except (OSError, msgspec.DecodeError):
        return None


def is_alive(pid: int) -> bool:
    """Whether there is a process with this id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True

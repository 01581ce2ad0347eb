"""The processes of this machine, to find and end those of a browser that a test has started."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_DEATH_LIMIT_S = 10.0
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """One process. `command` is its command line, empty for one that has ended and is only waited for."""

    pid: int
    parent: int
    command: str


def processes() -> list[Process]:
    """Every process that can be seen: from /proc (proc(5)) where there is one, else from `ps`."""
    return list(_from_proc() if (_PROC / "self/stat").exists() else _from_ps())


def kill_tree(pid: int) -> None:
    """End a process and all below it with SIGKILL, and return once they are gone."""
    listed, family, grown = processes(), {pid}, 0
    while len(family) > grown:
        grown = len(family)
        family |= {process.pid for process in listed if process.parent in family}
    for member in family:
        with suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)
    deadline = time.monotonic() + _DEATH_LIMIT_S
    while any(process.pid in family and process.command for process in processes()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes {sorted(family)} do not end")


def _from_proc() -> Iterator[Process]:
    for folder in _PROC.iterdir():
        # A process may end while it is read.
        with suppress(OSError):
            if folder.name.isdigit():
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                yield Process(int(folder.name), int(parent), command.strip())


def _from_ps() -> Iterator[Process]:
    ps = shutil.which("ps")
    if ps is None:
        raise RuntimeError("there is neither /proc nor the command `ps` on this machine")
    command = [ps, "-axww", "-o", "pid=,ppid=,command="]
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():  # noqa: S603
        pid, parent, said = line.split(None, 2)
        yield Process(int(pid), int(parent), "" if "<defunct>" in said else said)

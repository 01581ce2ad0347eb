"""One platform per data folder: a lock that the operating system frees when its holder dies."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portico.host.errors import ConfigurationError

RUN_FILE = "run.json"
"""What the platform that runs on a folder says of itself: its address, process and hub."""


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold `folder` alone; raises `ConfigurationError` that names the process which has it."""
    folder.mkdir(parents=True, exist_ok=True)
    # Also a folder that was there before: what is in it is for this account alone.
    folder.chmod(0o700)
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise ConfigurationError(
                f"Portico already runs on {folder}{_address(folder)} (process {file.read().strip() or 'unknown'}). Use "
                "that one, stop it first, or give this one another folder: --data-dir."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(str(os.getpid()))
        file.flush()
        yield


def _address(folder: Path) -> str:
    """Where people reach the platform that has the folder, as far as it says so."""
    try:
        return f" at {json.loads((folder / RUN_FILE).read_bytes())['url']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""

"""Whether a SQLite file has changed, asked without a system call.

All processes that have a file open in WAL mode share the index of its log, a small mapped file beside it. Its first 48
bytes are written anew with every commit, and by the same comparison of them SQLite tells whether the pages that it has
in memory still hold (https://sqlite.org/walformat.html, 2.1 and 2.2).
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_HEADER = 48
_File = tuple[int, int]

_open: dict[_File, WalIndex] = {}
_opening: set[object] = set()
_lock = threading.Lock()


@dataclass(eq=False)
class WalIndex:
    """The index of one file's log. All of this process share one.

    Closing its file drops the locks which SQLite holds on it for this process, whoever opened it (POSIX;
    https://sqlite.org/howtocorrupt.html, 2.2): it is closed once nobody here uses it, nor is about to.
    """

    descriptor: int
    mapped: mmap.mmap
    users: int = 0

    @classmethod
    @contextmanager
    def opening(cls) -> Iterator[None]:
        """Around opening a database, from its first connection until `of`: the locks of its file stay."""
        mine = object()
        with _lock:
            _opening.add(mine)
        try:
            yield
        finally:
            with _lock:
                _opening.remove(mine)
                _close_unused()

    @classmethod
    def of(cls, database: Path) -> WalIndex | None:
        """The index of a database that a connection of this process has read from; `None` where it cannot be mapped.

        `database` is its file as SQLite names it: what is beside a symbolic link to it is not its index.
        """
        path = database.with_name(f"{database.name}-shm")
        with _lock:
            try:
                status = path.stat()
                file = status.st_dev, status.st_ino
                index = _open.get(file)
                if index is None:
                    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                    index = _open[file] = cls(descriptor, mmap.mmap(descriptor, _HEADER, prot=mmap.PROT_READ))
            except (OSError, ValueError, AttributeError):  # no file, an empty one, or a system without such maps
                return None
            index.users += 1
            return index

    def header(self) -> bytes:
        """The same bytes as long as nobody has committed anything."""
        return self.mapped[:_HEADER]

    def close(self) -> None:
        """Let go of it; to be called when the connections of its user are closed."""
        with _lock:
            self.users -= 1
            _close_unused()


def _close_unused() -> None:
    if _opening:
        return  # it may be opening the file of one of these
    for file in [file for file, index in _open.items() if not index.users]:
        index = _open.pop(file)
        index.mapped.close()
        os.close(index.descriptor)

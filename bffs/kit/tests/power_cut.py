"""A disk that loses its power: what was synced stays, of what was not, any part may.

`PowerCut` is an apsw VFS. While it is installed, SQLite's files are written as ever; beside that it knows what of them
would be on the disk, and takes a `Cut` before and after each sync.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import apsw

_SECTOR = 512
_VARIANTS = ("nothing unsynced", "everything unsynced", "some of it, a", "some of it, b", "some of it, c")

Operation = tuple[int, bytes] | int | None
"""A write at an offset; a truncation to a size; None is the deletion of the file."""


@dataclass(slots=True)
class File:
    """What is on the disk, and what was asked of it since the last sync."""

    durable: bytes | None = None
    pending: list[Operation] = field(default_factory=list)

    def after(self, operations: list[Operation]) -> bytes | None:
        """The content once the operations are done."""
        content = None if self.durable is None else bytearray(self.durable)
        for operation in operations:
            if operation is None:
                content = None
                continue
            content = bytearray() if content is None else content
            if isinstance(operation, int):
                del content[operation:]
                continue
            offset, data = operation
            content.extend(bytes(max(0, offset - len(content))))
            content[offset : offset + len(data)] = data
        return None if content is None else bytes(content)


@dataclass(frozen=True, slots=True)
class Cut:
    """The disk at one moment, and what was acknowledged by then."""

    files: dict[str, File]
    acknowledged: frozenset[str]

    def leaves(self, folder: Path) -> Iterator[tuple[str, Path]]:
        """What may be found afterwards: each is written into a folder of its own."""
        for number, variant in enumerate(_VARIANTS):
            place = folder / str(number)
            place.mkdir(parents=True)
            chance = random.Random(number)
            for name, file in self.files.items():
                kept = _kept(file.pending, variant, chance)
                if (content := file.after(kept)) is not None:
                    (place / name).write_bytes(content)
            yield variant, place


def _kept(pending: list[Operation], variant: str, chance: random.Random) -> list[Operation]:
    if variant.startswith("nothing"):
        return []
    if variant.startswith("everything"):
        return pending
    kept: list[Operation] = []
    for operation in pending:
        if not isinstance(operation, tuple):
            kept += [operation] if chance.random() < 0.5 else []
            continue
        offset, data = operation
        parts = [(offset + at, data[at : at + _SECTOR]) for at in range(0, len(data), _SECTOR)]
        kept += [part for part in parts if chance.random() < 0.5]
    return kept


class PowerCut(apsw.VFS):
    """Install it with `installed`; ``acknowledged`` tells what has been promised to somebody so far."""

    def __init__(self, acknowledged: Callable[[], frozenset[str]]) -> None:
        self.files: dict[str, File] = {}
        self.cuts: list[Cut] = []
        self.lock = threading.RLock()
        self._acknowledged = acknowledged
        super().__init__("power-cut", "unix", makedefault=True)

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        """Open a file whose writes are watched."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is None or path.endswith("-shm"):
            return super().xOpen(name, flags)
        with self.lock:
            file = self.files.setdefault(Path(path).name, File())
            if not file.pending and file.durable is None:
                file.durable = b"" if path.endswith(".db") else None
        return _Watched(self, file, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        """Delete a file; until its folder is synced it may be there again."""
        super().xDelete(filename, syncdir)
        with self.lock:
            file = self.files.setdefault(Path(filename).name, File())
            file.pending.append(None)
            if syncdir:
                file.durable = None
                file.pending.clear()

    def take(self) -> None:
        """Keep how it is now."""
        files = {name: File(file.durable, list(file.pending)) for name, file in self.files.items()}
        self.cuts.append(Cut(files, self._acknowledged()))

    @contextmanager
    def installed(self) -> Iterator[PowerCut]:
        """Every connection that is opened meanwhile is on this disk."""
        try:
            yield self
        finally:
            self.unregister()
            apsw.set_default_vfs("unix")


class _Watched(apsw.VFSFile):
    def __init__(self, disk: PowerCut, file: File, name: apsw.URIFilename | str | None, flags: list[int]) -> None:
        self._disk = disk
        self._file = file
        super().__init__("unix", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(data, offset)
        with self._disk.lock:
            self._file.pending.append((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        super().xTruncate(newsize)
        with self._disk.lock:
            self._file.pending.append(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802
        with self._disk.lock:
            self._disk.take()
            super().xSync(flags)
            self._file.durable = self._file.after(self._file.pending)
            self._file.pending.clear()
            self._disk.take()

"""Where the lake's files lie: the port, and a folder whose files outlive a power cut."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from portico.lake.errors import LakeDamaged, LakeUnavailable


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is there. ``modified`` is in milliseconds since the epoch."""

    name: str
    bytes: int
    modified: int


class Storage(Protocol):
    """Named files, written whole and never changed. All calls block; all raise ``LakeUnavailable``."""

    @property
    def root(self) -> str:
        """What a name is appended to, with a slash, for a reader with a file system of its own."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Keep a file. Returning means that it outlives a power cut."""
        ...

    def create(self, name: str, data: bytes) -> bool:
        """Keep a file unless there is one of this name: of many who try at once, one gets True."""
        ...

    def get(self, name: str) -> bytes:
        """Return a file's content. Raises ``LakeDamaged`` when there is none."""
        ...

    def list(self, prefix: str) -> list[Stored]:
        """Return the files below a folder (``log/``), by name."""
        ...

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        ...


class Disk:
    """The steps by which a file comes to lie in a folder. Tests cut the power between them."""

    def write(self, path: Path, data: bytes) -> None:
        """Write a new file."""
        path.write_bytes(data)

    def sync_file(self, path: Path) -> None:
        """Make a file's content durable."""
        _sync(path)

    def replace(self, source: Path, target: Path) -> None:
        """Give a file its name, in place of another."""
        source.replace(target)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name; raises ``FileExistsError`` when that is taken."""
        target.hardlink_to(source)

    def unlink(self, path: Path) -> None:
        """Take a name away, if it is there."""
        path.unlink(missing_ok=True)

    def make_folder(self, path: Path, mode: int) -> None:
        """Make a folder in an existing one, unless it is there."""
        path.mkdir(mode, exist_ok=True)

    def sync_folder(self, path: Path) -> None:
        """Make the names in a folder durable."""
        _sync(path)


class FolderStorage(Storage):
    """The lake in a folder, for one machine or a shared file system that knows hard links and ``fsync``."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder = folder.absolute()
        self._disk = disk or Disk()

    @property
    def root(self) -> str:
        """See ``Storage.root``."""
        return str(self._folder)

    def put(self, name: str, data: bytes) -> None:
        """See ``Storage.put``."""
        with _meaning(name), self._written(name, data) as written:
            self._disk.replace(written, self._folder / name)

    def create(self, name: str, data: bytes) -> bool:
        """See ``Storage.create``."""
        with _meaning(name), self._written(name, data) as written:
            try:
                self._disk.link(written, self._folder / name)
            except FileExistsError:
                return False
        return True

    def get(self, name: str) -> bytes:
        """See ``Storage.get``."""
        with _meaning(name):
            try:
                return (self._folder / name).read_bytes()
            except FileNotFoundError as error:
                raise LakeDamaged(f"{name} is missing in {self._folder}") from error

    def list(self, prefix: str) -> list[Stored]:
        """See ``Storage.list``; half-written files of a process that died are not among them."""
        with _meaning(prefix):
            return sorted(self._found(prefix), key=lambda one: one.name)

    def delete(self, name: str) -> None:
        """See ``Storage.delete``."""
        with _meaning(name):
            self._disk.unlink(self._folder / name)

    @contextlib.contextmanager
    def _written(self, name: str, data: bytes) -> Iterator[Path]:
        """Write the content under a name that nobody reads; afterwards make the name it was given durable."""
        path = self._folder / name
        self._make_folders(path.parent)
        passing = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            self._disk.write(passing, data)
            self._disk.sync_file(passing)
            yield passing
        finally:
            self._disk.unlink(passing)
        self._disk.sync_folder(path.parent)

    def _make_folders(self, folder: Path) -> None:
        if folder.is_dir():
            return
        self._make_folders(folder.parent)
        # Who may look into the lake is for its operator to say, by making its folder: nobody else, where we make it.
        self._disk.make_folder(folder, 0o700 if folder == self._folder else 0o777)
        self._disk.sync_folder(folder.parent)

    def _found(self, prefix: str) -> Iterator[Stored]:
        for path in (self._folder / prefix).rglob("*"):
            if path.name.startswith("."):
                continue
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                if path.is_file():
                    name = path.relative_to(self._folder).as_posix()
                    yield Stored(name, status.st_size, status.st_mtime_ns // 1_000_000)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _meaning(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LakeUnavailable(f"{error.filename or name} cannot be used: {error.strerror}") from error

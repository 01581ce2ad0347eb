"""The log of commits: which Parquet files are the lake, and how far it is. One commit is one file, made once."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import msgspec

from portico.lake.errors import LakeContended, LakeDamaged
from portico.lake.storage import Storage

WHOLE_EVERY: Final = 64
"""Every so manieth commit lists all files, so that nobody reads more commits than that."""

EPOCH: Final = 1 << 44
"""A position is the stream's epoch times this, plus the message's sequence in the stream."""


class DataFile(msgspec.Struct, frozen=True):
    """A Parquet file of one day and service: its positions and ids lie between the ones named, inclusive."""

    name: str
    day: str
    service: str
    rows: int
    bytes: int
    first: int
    last: int
    low: str
    high: str


class Commit(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step of the lake. ``at`` is in milliseconds since the epoch; ``files`` is set in every 64th: all there are."""

    version: int
    at: int
    position: int
    stream: str
    added: tuple[DataFile, ...] = ()
    removed: tuple[str, ...] = ()
    files: tuple[DataFile, ...] | None = None


class Snapshot(msgspec.Struct, frozen=True):
    """The lake at one moment. Every message of ``stream`` (name and birth) up to ``position`` is in it."""

    version: int = 0
    position: int = 0
    stream: str = ""
    files: Mapping[str, DataFile] = MappingProxyType({})

    def after(self, commit: Commit) -> Snapshot:
        """Return the lake with one more commit."""
        if commit.files is not None:
            files = {one.name: one for one in commit.files}
        else:
            removed = set(commit.removed)
            files = {name: one for name, one in self.files.items() if name not in removed}
            files.update((one.name, one) for one in commit.added)
        return Snapshot(commit.version, commit.position, commit.stream, files)


class Log:
    """Reads and extends the commits in a storage. All calls block."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def snapshot(self) -> Snapshot:
        """Read the lake as it is now. Raises ``LakeUnavailable`` and ``LakeDamaged``."""
        versions = self.versions()
        if not versions:
            return Snapshot()
        whole = versions[-1] - versions[-1] % WHOLE_EVERY
        found = Snapshot()
        for version in range(max(whole, 1), versions[-1] + 1):
            found = found.after(self.commit(version))
        return found

    def versions(self) -> list[int]:
        """The numbers of the commits that are kept, oldest first."""
        return [int(one.name.removeprefix("log/").removesuffix(".json")) for one in self._storage.list("log/")]

    def commit(self, version: int) -> Commit:
        """Read one commit. Raises ``LakeDamaged``."""
        name = name_of(version)
        try:
            commit = msgspec.json.decode(self._storage.get(name), type=Commit)
        except msgspec.DecodeError as error:
            raise LakeDamaged(f"{name} is no commit: {error}") from error
        if commit.version != version:
            raise LakeDamaged(f"{name} says that it is commit {commit.version}")
        return commit

    def extend(self, snapshot: Snapshot, commit: Commit) -> Snapshot:
        """Make the commit after ``snapshot`` and return the lake with it; raises ``LakeContended``."""
        after = snapshot.after(commit)
        if commit.version % WHOLE_EVERY == 0:
            commit = msgspec.structs.replace(commit, files=tuple(after.files.values()))
        if not self._storage.create(name_of(commit.version), msgspec.json.encode(commit)):
            raise LakeContended(f"somebody else made commit {commit.version}")
        return after


def name_of(version: int) -> str:
    """The name of a commit's file."""
    return f"log/{version:020}.json"

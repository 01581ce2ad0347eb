"""The lake itself: events go in once, files are made few, old ones go."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from portico.lake.compaction import choose
from portico.lake.log import EPOCH, Commit, DataFile, Log, Snapshot
from portico.lake.row import Row, day_of
from portico.lake.storage import Storage
from portico.lake.table import extremes, ids_between, merged, open_parquet, parquet_of, table_of

GRACE_MS: Final = 3_600_000
"""A file that is no longer part of the lake is kept for an hour, for who is still reading it."""

_REMEMBERED: Final = 64  # files whose ids are kept in memory, of at most so many rows each:
_REMEMBERED_ROWS: Final = 20_000


class Lake:
    """The table in a storage. One keeper writes at a time: a second one is told ``LakeContended``. All calls block.

    ``clock`` tells milliseconds since the epoch.
    """

    def __init__(self, storage: Storage, clock: Callable[[], int]) -> None:
        self.storage = storage
        self._log = Log(storage)
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._ids: OrderedDict[str, frozenset[str]] = OrderedDict()

    @property
    def snapshot(self) -> Snapshot:
        """The lake as this object last saw it; read when first asked for."""
        found = self._snapshot  # another thread may be about to read it anew
        if found is None:
            found = self._snapshot = self._log.snapshot()
        return found

    def refresh(self) -> Snapshot:
        """Read the lake anew."""
        self._snapshot = None
        return self.snapshot

    def begin(self, stream: str) -> int:
        """Return the position of the last message that was kept of this stream (its name and birth).

        A stream that was made anew counts from the beginning: its positions come after all there were.
        """
        snapshot = self.snapshot
        if snapshot.stream == stream:
            return snapshot.position
        return (snapshot.position // EPOCH + 1) * EPOCH

    def append(self, rows: Sequence[Row], position: int, stream: str) -> int:
        """Keep the rows, and with them in one commit that everything up to ``position`` is kept.

        Rows at or before the lake's own position, and ids that their day and service have already, are left out; so
        the same rows may come again. Returns how many were new. Raises ``LakeUnavailable``, ``LakeContended``; then
        nothing was kept.
        """
        last = self.begin(stream)
        shelves: dict[tuple[str, str], dict[str, Row]] = {}
        for row in rows:
            if row.position > last:
                shelves.setdefault((day_of(row.time), row.service), {}).setdefault(row.id, row)
        added = [
            self._shelve(*shelf, list(new)) for shelf, found in shelves.items() if (new := self._new(shelf, found))
        ]
        if position > last or self.snapshot.stream != stream:
            self._commit(max(position, last), stream, added=added)
        return sum(one.rows for one in added)

    def compact(self, *, wholly: bool = False) -> int:
        """Make one file of many small ones of a day and service; ``wholly``: of any two. Returns how many went."""
        gone = 0
        for chosen in choose(self.snapshot.files.values(), wholly=wholly):
            tables = [open_parquet(one.name, self.storage.get(one.name)).read() for one in chosen]
            whole = self._write(chosen[0].day, chosen[0].service, parquet_of(table := merged(tables)), extremes(table),
                                table.num_rows)  # fmt: skip
            snapshot = self.snapshot
            self._commit(snapshot.position, snapshot.stream, added=[whole], removed=[one.name for one in chosen])
            gone += len(chosen)
        return gone

    def vacuum(self) -> int:
        """Remove files that have not been part of the lake for an hour; returns how many."""
        until = self._clock() - GRACE_MS
        versions = self._log.versions()
        commits = [self._log.commit(version) for version in versions]
        read = {name for one in commits if one.at > until for name in one.removed}
        keep = read | set(self.refresh().files)
        gone = [one.name for one in self.storage.list("events/") if one.name not in keep and one.modified <= until]
        whole = [one.version for one in commits if one.files is not None and one.at <= until][-1:]
        gone += [one.name for one in self.storage.list("log/") if whole and one.name < f"log/{whole[0]:020}"]
        for name in gone:
            self.storage.delete(name)
        return len(gone)

    def _new(self, shelf: tuple[str, str], found: dict[str, Row]) -> Iterable[Row]:
        """The rows whose ids no file of the shelf has. Ids grow with time, so hardly any file needs to be looked at."""
        low, high = min(found), max(found)
        for file in self.snapshot.files.values():
            if (file.day, file.service) == shelf and file.low <= high and file.high >= low:
                for id_ in self._ids_of(file, low, high):
                    found.pop(id_, None)
        return found.values()

    def _ids_of(self, file: DataFile, low: str, high: str) -> Iterable[str]:
        known = self._ids.get(file.name)
        if known is not None:
            self._ids.move_to_end(file.name)
            return known
        parquet = open_parquet(file.name, self.storage.get(file.name))
        if file.rows > _REMEMBERED_ROWS:
            return ids_between(parquet, low, high)
        return self._remember(file.name, ids_between(parquet, "", "\U0010ffff"))

    def _remember(self, name: str, ids: Iterable[str]) -> frozenset[str]:
        known = self._ids[name] = frozenset(ids)
        if len(self._ids) > _REMEMBERED:
            self._ids.popitem(last=False)
        return known

    def _shelve(self, day: str, service: str, rows: list[Row]) -> DataFile:
        rows.sort(key=lambda row: row.position)
        ids = [row.id for row in rows]
        ends = (rows[0].position, rows[-1].position, min(ids), max(ids))
        file = self._write(day, service, parquet_of(table_of(rows)), ends, len(rows))
        if len(rows) <= _REMEMBERED_ROWS:
            self._remember(file.name, ids)
        return file

    def _write(self, day: str, service: str, data: bytes, ends: tuple[int, int, str, str], rows: int) -> DataFile:
        name = f"events/day={day}/service={service}/{ends[0]:020}-{uuid.uuid4().hex}.parquet"
        self.storage.put(name, data)
        return DataFile(name, day, service, rows, len(data), *ends)

    def _commit(self, position: int, stream: str, *, added: Sequence[DataFile], removed: Sequence[str] = ()) -> None:
        snapshot = self.snapshot
        commit = Commit(snapshot.version + 1, self._clock(), position, stream, tuple(added), tuple(removed))
        try:
            self._snapshot = self._log.extend(snapshot, commit)
        except Exception:
            self._snapshot = None  # whether it was made is known only after reading again
            raise

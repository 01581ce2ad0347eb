"""The lake's events again, in the order in which the hub had them: for rebuilt projections and for audits."""

from __future__ import annotations

import heapq
import itertools
import re
from collections.abc import AsyncIterator, Iterator
from typing import Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from anyio import to_thread

from portico.lake.keys import KeyStore
from portico.lake.lake import Lake
from portico.lake.log import DataFile
from portico.lake.row import Row, day_of
from portico.lake.sealing import unseal
from portico.lake.storage import Storage
from portico.lake.table import SCHEMA, open_parquet

_BATCH: Final = 4096  # rows of a file that are in memory at once
_CHUNK: Final = 2048  # rows that are opened with one question to the key store


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """Which events: all conditions must hold.

    ``after`` is the position of the last event that one has; ``since`` (inclusive) and ``until`` (exclusive) are
    milliseconds since the epoch; ``types`` are names in which ``*`` is one whole part; ``partition`` is the hub's.
    """

    after: int = 0
    since: int | None = None
    until: int | None = None
    services: frozenset[str] | None = None
    types: tuple[str, ...] = ()
    subject: str | None = None
    partition: int | None = None

    def may_be_in(self, file: DataFile) -> bool:
        """Whether a file can hold any of them."""
        return (
            file.last > self.after
            and (self.services is None or file.service in self.services)
            and (self.since is None or file.day >= day_of(self.since))
            and (self.until is None or file.day <= day_of(self.until))
        )

    def condition(self) -> pc.Expression:
        """The conditions on the rows of such a file; ``subject`` is compared when what is personal is back."""
        found = (pc.field("position") > self.after) & pc.field("fault").is_null()
        for bound, operation in ((self.since, pc.greater_equal), (self.until, pc.less)):
            if bound is not None:
                found &= operation(pc.field("time"), pa.scalar(bound, pa.timestamp("ms", tz="UTC")))
        if self.partition is not None:
            found &= pc.field("partition") == self.partition
        if self.types:
            found &= pc.match_substring_regex(pc.field("type"), "|".join(map(_regex, self.types)))
        return found


async def replay(lake: Lake, keys: KeyStore | None, selection: Selection) -> AsyncIterator[Row]:
    """Yield the events selected, in the hub's order; so those of one partition key in theirs.

    With ``keys``, each is as it was published, but for the personal parts of who has been erased; without, all personal
    parts are missing. Memory is bounded by the files that overlap, not by the lake. Ends with the last event that was
    in the lake when it began: ask again after its ``position`` for more. Raises ``LakeUnavailable``, ``LakeDamaged``
    and what the key store raises.
    """
    snapshot = await to_thread.run_sync(lake.refresh)
    files = sorted((one for one in snapshot.files.values() if selection.may_be_in(one)), key=lambda one: one.first)
    rows = _merged(lake.storage, files, selection.condition())
    while chunk := await to_thread.run_sync(lambda: list(itertools.islice(rows, _CHUNK))):
        for row in await unseal(chunk, keys) if keys is not None else chunk:
            if selection.subject is None or row.subject == selection.subject:
                yield row


def _merged(storage: Storage, files: list[DataFile], condition: pc.Expression) -> Iterator[Row]:
    """The rows of all files by position; a file is opened when it is its turn, and let go at its end."""
    open_: list[tuple[int, int, Row | None, Iterator[Row]]] = [
        (file.first, number, None, _rows(storage, file, condition)) for number, file in enumerate(files)
    ]
    heapq.heapify(open_)
    while open_:
        _, number, row, rest = open_[0]
        if row is not None:
            yield row
        following = next(rest, None)
        if following is None:
            heapq.heappop(open_)
        else:
            heapq.heapreplace(open_, (following.position, number, following, rest))


def _rows(storage: Storage, file: DataFile, condition: pc.Expression) -> Iterator[Row]:
    parquet = open_parquet(file.name, storage.get(file.name))
    for batch in parquet.iter_batches(batch_size=_BATCH):
        table = pa.Table.from_batches([batch]).filter(condition)
        table = table.set_column(_TIME, "time", table["time"].cast(pa.int64()))
        for values in zip(*(table.column(name).to_pylist() for name in _ORDER), strict=True):
            (position, partition, id_, time, region, type_, subject, key, stamp, schema, envelope, correlation, cause,
             keys, boxes) = values  # fmt: skip
            yield Row(
                position, partition, id_, time, region, file.service, type_, subject, key, stamp, schema, envelope,
                correlation, cause, tuple(keys), tuple(boxes),
            )  # fmt: skip


_TIME: Final = SCHEMA.get_field_index("time")
_ORDER: Final = [name for name in SCHEMA.names if name != "fault"]


def _regex(pattern: str) -> str:
    parts = ("[^.]+" if part == "*" else re.escape(part) for part in pattern.split("."))
    return f"^{'[.]'.join(parts)}$"

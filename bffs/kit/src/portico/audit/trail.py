"""Writing, finding and, after years, letting go of entries; one SQL text for SQLite and PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from portico.audit.entry import Entry, EntryPage, Wanted
from portico.problem import FieldError, Problem
from portico.sql import Database, ExpectationFailed, Row, Statement, Value, insertions

KEPT_AT_LEAST_MS: Final = 30 * 24 * 3600 * 1000
"""No entry younger than this can be deleted: the database refuses it (see `portico.audit.schema`)."""

_TABLE: Final = re.compile(r"[a-z][a-z_]{0,40}")
_CURSOR: Final = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_COLUMNS: Final = "seq, at, actor, client_id, action, outcome, discriminator, pk, sk, version, tenant, reason"
_WRITTEN: Final = tuple(_COLUMNS.split(", ")[1:])
_NAMES: Final = (
    "seq",
    "at",
    "actor",
    "client",
    "action",
    "outcome",
    "kind",
    "key",
    "sort",
    "version",
    "tenant",
    "reason",
)
_CHUNK: Final = 500


class Trail:
    """The audit in one table of a database."""

    def __init__(self, database: Database, table: str = "audit") -> None:
        if not _TABLE.fullmatch(table):
            raise ValueError(f"{table!r} is no name of a table")
        self._database = database
        self._table = table

    def statement(self, entry: Entry) -> Statement:
        """What adds an entry, to be part of a group with what it tells of. `seq` is the database's to give."""
        return self.statements([entry])[0]

    def statements(self, entries: Sequence[Entry]) -> list[Statement]:
        """The same for several, in few statements."""
        return insertions(self._table, _WRITTEN, [_row(entry) for entry in entries])

    async def add(self, entry: Entry) -> None:
        """Write an entry by itself; it outlives a power cut when this returns. Raises what `Database.write` raises."""
        await self._database.write([self.statement(entry)])

    async def find(self, wanted: Wanted, *, limit: int = 50, cursor: str | None = None) -> EntryPage:
        """Return a page of entries, newest first. `cursor` is the page before's `next_cursor`, else a Problem."""
        values: list[Value] = []
        conditions = [
            f"{column} {compare} ${_add(values, value)}" for column, compare, value in _asked(wanted, _before(cursor))
        ]
        where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
        rows = await self._database.read(
            f"SELECT {_COLUMNS} FROM {self._table} {where}ORDER BY seq DESC LIMIT ${_add(values, limit + 1)}",  # noqa: S608
            values,
        )
        items = tuple(_entry(row) for row in rows[:limit])
        return EntryPage(items, str(items[-1].seq) if len(rows) > limit else None)

    async def forget(self, *, now: int, keep_ms: int, actor: str = "system:retention") -> int:
        """Delete what is older than `keep_ms` (at least `KEPT_AT_LEAST_MS`), and say so in the audit; how many went.

        Short transactions of 500 rows. Times are in milliseconds since the epoch.
        """
        oldest, removed = now - max(keep_ms, KEPT_AT_LEAST_MS), 0
        some = f"SELECT seq FROM {self._table} WHERE at < $1 ORDER BY seq LIMIT {_CHUNK}"  # noqa: S608
        while True:
            rows = await self._database.read(some, (oldest,))
            gone = [msgspec.convert(row[0], int) for row in rows]
            if not gone:
                return removed
            key = f"{gone[0]}-{gone[-1]}"
            note = Entry(at=now, actor=actor, action="forget", outcome="allowed", kind="audit", key=key)
            delete = f"DELETE FROM {self._table} WHERE at < $1 AND seq >= $2 AND seq <= $3"  # noqa: S608
            try:
                await self._database.write(
                    [Statement(delete, (oldest, gone[0], gone[-1]), expect=len(gone)), self.statement(note)]
                )
            except ExpectationFailed:
                return removed  # another replica is at it
            removed += len(gone)


def _before(cursor: str | None) -> int | None:
    """The place that a `next_cursor` stands for; raises the Problem (422) for anything else."""
    if cursor is None:
        return None
    if not _CURSOR.fullmatch(cursor):
        raise Problem.invalid([FieldError("query:cursor", "This is not a cursor of this audit")])
    return int(cursor)


def _asked(wanted: Wanted, before: int | None) -> list[tuple[str, str, Value]]:
    asked: list[tuple[str, str, Any]] = [
        ("actor", "=", wanted.actor),
        ("discriminator", "=", wanted.kind),
        ("pk", "=", wanted.entity),
        ("action", "=", wanted.action),
        ("outcome", "=", wanted.outcome),
        ("tenant", "=", wanted.tenant),
        ("at", ">=", _milliseconds(wanted.since)),
        ("at", "<", _milliseconds(wanted.until)),
        ("seq", "<", before),
    ]
    return [(column, compare, value) for column, compare, value in asked if value is not None]


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def _add(values: list[Value], value: Value) -> int:
    values.append(value)
    return len(values)


def _row(entry: Entry) -> tuple[Value, ...]:
    return (
        entry.at,
        entry.actor,
        entry.client,
        entry.action,
        entry.outcome,
        entry.kind,
        entry.key,
        entry.sort,
        entry.version,
        entry.tenant,
        entry.reason,
    )


def _entry(row: Row) -> Entry:
    return msgspec.convert(dict(zip(_NAMES, row, strict=True)), Entry)

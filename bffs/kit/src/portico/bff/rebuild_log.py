"""Which projections are built anew, and how far that is: kept in the store, so that it survives the process."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from portico.bff.store import EntityStore
from portico.sql import Row, Statement, UniqueViolation

State = Literal["running", "swapped", "cancelling", "done", "cancelled", "failed"]
Source = Literal["lake", "hub"]

LEASE_MS: Final = 10_000
"""So long a rebuild is left alone whose process died; then another goes on with it."""


class Building(msgspec.Struct, frozen=True, rename="camel"):
    """One rebuild: ``running`` until its rows are ``swapped`` with the live ones, then ``done``.

    Or ``cancelling`` until what it made is removed, then ``cancelled``, or ``failed`` with an ``error``. While it is
    ``running``, ``error`` is what it waits for. ``events`` were taken; times are in milliseconds since the epoch.
    """

    id: str
    projection: str
    source: Source
    state: State
    events: int
    error: str
    started_by: str
    started_at: int
    ended_at: int | None


_COLUMNS: Final = "id, projection, source, state, events, error, started_by, started_at, ended_at"


class RebuildLog:
    """The rebuilds of one service, as one of its processes (``holder``) sees them."""

    def __init__(self, store: EntityStore, holder: str) -> None:
        self._store = store
        self._holder = holder

    async def begin(self, projection: str, source: Source, started_by: str) -> Building | None:
        """Note a new one; None while there is one of this projection."""
        now = self._store.now()
        new = Building(uuid.uuid4().hex, projection, source, "running", 0, "", started_by, now, None)
        values = msgspec.structs.astuple(new)
        insert = f"INSERT INTO rebuilds ({_COLUMNS}, holder, until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', 0)"  # noqa: S608
        try:
            await self._store.database.write([Statement(insert, values)])
        except UniqueViolation:
            return None
        return new

    async def list(self, limit: int = 50) -> Sequence[Building]:
        """The newest ones, newest first."""
        text = f"SELECT {_COLUMNS} FROM rebuilds ORDER BY started_at DESC, id DESC LIMIT $1"  # noqa: S608
        return [_building(row) for row in await self._store.database.read(text, (limit,))]

    async def find(self, id_: str) -> Building | None:
        """The one with this id."""
        text = f"SELECT {_COLUMNS} FROM rebuilds WHERE id = $1"  # noqa: S608
        rows = await self._store.database.read(text, (id_,))
        return _building(rows[0]) if rows else None

    async def cancel(self, id_: str) -> bool:
        """Ask for its end; False when it is too late. Repeating it is harmless."""
        text = (
            # What it waited for is not why it ends; what it failed of is.
            "UPDATE rebuilds SET state = 'cancelling', error = CASE state WHEN 'running' THEN '' ELSE error END"
            " WHERE id = $1 AND state IN ('running', 'cancelling') RETURNING 1"
        )
        (rows,) = await self._store.database.write([Statement(text, (id_,))])
        return bool(rows)

    async def claim(self) -> Building | None:
        """Take one that is not over and that nobody works at."""
        now = self._store.now()
        open_ = "state IN ('running', 'swapped', 'cancelling') AND (holder = $1 OR until <= $3)"
        text = (
            f"UPDATE rebuilds SET holder = $1, until = $2"  # noqa: S608 (constants)
            f" WHERE id = (SELECT id FROM rebuilds WHERE {open_} ORDER BY started_at LIMIT 1) AND {open_}"
            f" RETURNING {_COLUMNS}"
        )
        (rows,) = await self._store.database.write([Statement(text, (self._holder, now + LEASE_MS, now))])
        return _building(rows[0]) if rows else None

    async def renew(self, id_: str) -> None:
        """This process still works at it."""
        text = "UPDATE rebuilds SET until = $1 WHERE id = $2 AND holder = $3"
        await self._store.database.write([Statement(text, (self._store.now() + LEASE_MS, id_, self._holder))])

    async def leave(self) -> None:
        """Let another process go on at once."""
        text = "UPDATE rebuilds SET holder = '', until = 0 WHERE holder = $1"
        await self._store.database.write([Statement(text, (self._holder,))])

    async def went_on(self, id_: str, events: int) -> bool:
        """So many more events were taken; False: stop, it was cancelled, or another works at it."""
        text = (
            "UPDATE rebuilds SET events = events + $1, error = ''"
            " WHERE id = $2 AND holder = $3 AND state IN ('running', 'swapped') RETURNING 1"
        )
        (rows,) = await self._store.database.write([Statement(text, (events, id_, self._holder))])
        return bool(rows)

    async def waits(self, id_: str, error: str) -> None:
        """It cannot go on just now."""
        text = "UPDATE rebuilds SET error = $1 WHERE id = $2 AND holder = $3 AND state = 'running'"
        await self._store.database.write([Statement(text, (error, id_, self._holder))])

    async def give_up(self, id_: str, error: str) -> None:
        """It cannot go on at all: what it made is removed, and then it has failed."""
        text = (
            "UPDATE rebuilds SET error = $1, state = 'cancelling' WHERE id = $2 AND holder = $3 AND state = 'running'"
        )
        await self._store.database.write([Statement(text, (error, id_, self._holder))])

    async def end(self, building: Building) -> None:
        """It is over, and nothing of it is left beside the live rows."""
        state = "done" if building.state == "swapped" else "failed" if building.error else "cancelled"
        text = "UPDATE rebuilds SET state = $1, ended_at = $2, holder = '', until = 0 WHERE id = $3"
        await self._store.database.write([Statement(text, (state, self._store.now(), building.id))])

    def swapping(self, id_: str) -> Statement:
        """Part of the swap's commit, which it undoes if the rebuild was cancelled or another works at it."""
        text = "UPDATE rebuilds SET state = 'swapped', error = '' WHERE id = $1 AND holder = $2 AND state = 'running'"
        return Statement(text, (id_, self._holder), expect=1)


def _building(row: Row) -> Building:
    return msgspec.convert(dict(zip(_NAMES, row, strict=True)), Building)


_NAMES: Final = tuple(field.encode_name for field in msgspec.structs.fields(Building))

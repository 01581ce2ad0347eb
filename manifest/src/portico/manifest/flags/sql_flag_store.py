"""Flags in SQL, for any database that ``portico.sql`` has an adapter for."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from portico.manifest.canonical import canonical_json
from portico.manifest.flags.errors import FlagConflict
from portico.manifest.flags.flag import Flag, FlagRevision
from portico.manifest.flags.parsing import flag_from
from portico.manifest.flags.store import FlagStore
from portico.sql import Database, ExpectationFailed, Row, Statement, UniqueViolation

_REVISION = (
    "SELECT flags.flag, flags.team, r.number, r.who, r.at, r.why, r.document FROM flags "
    "JOIN flag_revisions r ON r.flag = flags.flag"
)
_LATEST = f"{_REVISION} AND r.number = flags.revision"
_ONE_MORE = Statement("UPDATE flag_changes SET number = number + 1 WHERE id = 1", expect=1)


class SqlFlagStore(FlagStore):
    """The store over a database with the tables of ``sql_schema.MIGRATIONS``. The methods say what the port says."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def changes(self) -> int:
        """See ``FlagStore.changes``: one row, changed in the same group as any flag."""
        rows = await self._database.read("SELECT number FROM flag_changes WHERE id = 1")
        return _integer(rows[0][0])

    async def flags(self) -> Sequence[Flag]:
        """See ``FlagStore.flags``."""
        rows = await self._database.read(f"{_LATEST} WHERE r.document IS NOT NULL ORDER BY flags.flag")
        return [revision.flag for revision in map(_revision, rows) if revision.flag is not None]

    async def latest(self, key: str) -> FlagRevision | None:
        """See ``FlagStore.latest``."""
        rows = await self._database.read(f"{_LATEST} WHERE flags.flag = $1", (key,))
        return _revision(rows[0]) if rows else None

    async def page(self, *, team: str | None, after: str, limit: int) -> Sequence[FlagRevision]:
        """See ``FlagStore.page``."""
        sql = f"{_LATEST} WHERE r.document IS NOT NULL AND flags.flag > $1"
        order = "ORDER BY flags.flag LIMIT $2"
        if team is None:
            rows = await self._database.read(f"{sql} {order}", (after, limit))
        else:
            rows = await self._database.read(f"{sql} AND flags.team = $3 {order}", (after, limit, team))
        return [_revision(row) for row in rows]

    async def history(self, key: str, *, before: int | None, limit: int) -> Sequence[FlagRevision]:
        """See ``FlagStore.history``."""
        sql = f"{_REVISION} WHERE flags.flag = $1 AND r.number < $2 ORDER BY r.number DESC LIMIT $3"
        rows = await self._database.read(sql, (key, before if before is not None else 1 << 62, limit))
        return [_revision(row) for row in rows]

    async def append(self, revision: FlagRevision) -> None:
        """See ``FlagStore.append``: the flag's own row holds the number that is compared and set."""
        try:
            await self._database.write([_head(revision), _appended(revision), _ONE_MORE])
        except (ExpectationFailed, UniqueViolation) as error:
            latest = await self.latest(revision.key)
            raise FlagConflict(revision.key, latest.number if latest else 0) from error


def _head(revision: FlagRevision) -> Statement:
    if revision.number == 1:
        sql = "INSERT INTO flags (flag, team, revision) VALUES ($1, $2, 1)"
        return Statement(sql, (revision.key, revision.team))
    sql = "UPDATE flags SET revision = $1 WHERE flag = $2 AND revision = $3"
    return Statement(sql, (revision.number, revision.key, revision.number - 1), expect=1)


def _appended(revision: FlagRevision) -> Statement:
    return Statement(
        "INSERT INTO flag_revisions (flag, number, who, at, why, document) VALUES ($1, $2, $3, $4, $5, $6)",
        (
            revision.key,
            revision.number,
            revision.who,
            round(revision.at.timestamp() * 1000),
            revision.why,
            canonical_json(revision.flag.to_document()).decode() if revision.flag else None,
        ),
    )


def _revision(row: Row) -> FlagRevision:
    key, team, number, who, at, why, document = row
    return FlagRevision(
        key=str(key),
        team=str(team),
        number=_integer(number),
        who=str(who),
        at=datetime.fromtimestamp(_integer(at) / 1000, UTC),
        why=str(why),
        flag=None if document is None else flag_from(str(key), str(team), json.loads(str(document))),
    )


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a number was expected, not {value!r}")
    return value

"""Commits groups of statements together in PostgreSQL, and finds out whose fault it is when that fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import asyncpg  # type: ignore[import-untyped]

from portico.sql.errors import ExpectationFailed, SqlError, StoreUnavailable
from portico.sql.postgres_connection import Connection, is_lost, translate
from portico.sql.postgres_migrations import WRITE_LOCK
from portico.sql.postgres_scope import NONE, Settings, changing
from portico.sql.statement import Row, Statement, shape_of, with_right_count

_log = logging.getLogger("portico.sql")

Statements = Sequence[Statement]
Rows = list[list[Row]]
Outcome = Rows | Exception

_BEGIN = f"BEGIN; {WRITE_LOCK}"


@dataclass(frozen=True, slots=True)
class Group:
    """Statements that take effect together, and the settings under which they run: no group sees another's."""

    statements: Statements
    settings: Settings


class PostgresCommitter:
    """Owns the writing connection of a process; used by one task at a time.

    Every transaction takes the database's one write lock first. So writers of all processes take turns, each statement
    sees all that was committed before, and nothing has to be tried again for having met somebody: groups end as if
    run one after another, as they do in SQLite.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection]], connection: Connection) -> None:
        self.connection = connection
        self._connect = connect
        self._settings = NONE  # what the open transaction has

    async def commit(self, groups: Sequence[Group]) -> list[Outcome]:
        """Commit the groups durably, each atomic by itself; return every one's rows or its exception.

        First all of them as they come, for nearly always all are good; otherwise again, each in a savepoint.
        """
        try:
            outcomes = await self._commit_plainly(groups)
            return await self._commit_apart(groups) if outcomes is None else outcomes
        except Exception as error:  # noqa: BLE001 (whatever it was: nobody may wait for ever, nothing was acknowledged)
            if not isinstance(error, (asyncpg.PostgresError, SqlError, OSError)):
                _log.exception("the writer failed a batch")
            await self._reset()
            return _all_unavailable(groups, error)

    async def close(self) -> None:
        """Close the connection; a server that does not answer is left."""
        try:
            async with asyncio.timeout(5):
                await self.connection.close()
        except Exception:  # noqa: BLE001 (it is given up in any case)
            self.connection.terminate()

    async def _commit_plainly(self, groups: Sequence[Group]) -> list[Outcome] | None:
        """Commit all groups in one transaction without savepoints, a third of the calls; None when one is bad."""
        await self._begin()
        outcomes: list[Outcome] = []
        for group in groups:
            try:
                outcomes.append(await self._run(group))
            except Exception as error:
                if is_lost(error):
                    raise
                await self._reset()
                return [_meaning(error)] if len(groups) == 1 else None
        return outcomes if await self._end() else await self._each_alone(groups)

    async def _commit_apart(self, groups: Sequence[Group]) -> list[Outcome]:
        """Commit the groups in one transaction, each in a savepoint, so that a bad one undoes itself alone."""
        await self._begin()
        outcomes = [await self._attempt(group) for group in groups]
        return outcomes if await self._end() else await self._each_alone(groups)

    async def _each_alone(self, groups: Sequence[Group]) -> list[Outcome]:
        """Commit each group in a transaction of its own: a deferred constraint fails the commit of one of them."""
        if len(groups) > 1:
            return [(await self.commit([group]))[0] for group in groups]
        await self._begin()
        try:
            rows = await self._run(groups[0])
            await self.connection.execute("COMMIT")
        except Exception as error:
            if is_lost(error):
                raise
            await self._reset()
            return [_meaning(error)]
        return [rows]

    async def _begin(self) -> None:
        """Begin a transaction and wait for the write lock. Of a dead connection nothing was asked yet: open another."""
        self._settings = NONE
        if self.connection.is_closed():
            self.connection = await self._connect()
        try:
            await self.connection.execute(_BEGIN)
        except Exception as error:
            if not is_lost(error):
                raise
            _log.warning("the writing connection is gone; opening another")
            self.connection.terminate()
            self.connection = await self._connect()
            await self.connection.execute(_BEGIN)

    async def _end(self) -> bool:
        """Commit the transaction; False when a deferred constraint of one of its groups forbids it."""
        try:
            await self.connection.execute("COMMIT")
        except asyncpg.IntegrityConstraintViolationError:
            await self._reset()
            return False
        return True

    async def _attempt(self, group: Group) -> Outcome:
        execute = self.connection.execute
        before = self._settings
        await execute("SAVEPOINT one")
        try:
            rows = await self._run(group)
        except Exception as error:
            if is_lost(error):
                raise
            await execute("ROLLBACK TO one; RELEASE one")
            self._settings = before
            return _meaning(error)
        await execute("RELEASE one")
        return rows

    async def _run(self, group: Group) -> Rows:
        if (change := changing(self._settings, group.settings)) is not None:
            sql, values = change
            await self.connection.fetch(sql, *values)
            self._settings = group.settings
        return [await self._run_statement(index, statement) for index, statement in enumerate(group.statements)]

    async def _run_statement(self, index: int, statement: Statement) -> list[Row]:
        sql, values = statement.sql, with_right_count(statement.sql, statement.params)
        rows: list[Row] = []
        if shape_of(sql).returns_rows:
            rows = [tuple(row) for row in await self.connection.fetch(sql, *values)]
            actual = len(rows)
        else:
            status = await self.connection.execute(sql, *values)  # "INSERT 0 1", "UPDATE 3"
            actual = int(status.rpartition(" ")[2])
        if statement.expect is not None and actual != statement.expect:
            raise ExpectationFailed(index, statement.expect, actual)
        return rows

    async def _reset(self) -> None:
        """Leave no transaction open; a connection that cannot even do that is given up."""
        if self.connection.is_closed():
            return
        try:
            await self.connection.execute("ROLLBACK") if self.connection.is_in_transaction() else None
        except Exception:  # noqa: BLE001 (whatever it was, this connection is of no use)
            _log.warning("the writing connection is broken; giving it up")
            self.connection.terminate()


def _meaning(error: Exception) -> SqlError:
    meaning = translate(error)
    meaning.__cause__ = None if meaning is error else error
    return meaning


def _all_unavailable(groups: Sequence[Group], error: Exception) -> list[Outcome]:
    """One exception each: shared instances would mix their tracebacks."""
    meaning = translate(error)
    reason = meaning.reason if isinstance(meaning, StoreUnavailable) and meaning.reason != "closed" else "io"
    return [StoreUnavailable(reason, str(meaning)) for _ in groups]

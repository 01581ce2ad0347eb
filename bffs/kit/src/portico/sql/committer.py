"""Commits groups of statements together, and finds out whose fault it is when that fails."""

import logging
from collections.abc import Callable, Sequence

import apsw

from portico.sql.connection import Patience, translate
from portico.sql.errors import ExpectationFailed, SqlError, StoreUnavailable
from portico.sql.rows import Place, insertions, place_of
from portico.sql.statement import Row, Statement, Value, bind, shape_of

_log = logging.getLogger("portico.sql")

Statements = Sequence[Statement]
Rows = list[list[Row]]
Outcome = Rows | Exception


class Committer:
    """Owns the writing connection; used by one thread at a time."""

    def __init__(self, connect: Callable[[], apsw.Connection], connection: apsw.Connection, patience: Patience) -> None:
        self.connection = connection
        self._connect = connect
        self._patience = patience

    def commit(self, groups: Sequence[Statements]) -> list[Outcome]:
        """Commit the groups durably, each atomic by itself; return every one's rows or its exception.

        First all of them as they come, for nearly always all are good; otherwise again, each in a savepoint.
        """
        try:
            outcomes = self._commit_plainly(groups)
            return self._commit_apart(groups) if outcomes is None else outcomes
        except Exception as error:  # noqa: BLE001 (whatever it was: nobody may wait for ever, nothing was acknowledged)
            if not isinstance(error, apsw.Error):
                _log.exception("the writer failed a batch")
            self._reset()
            return _all_unavailable(groups, error)

    def fold(self) -> None:
        """Fold the log into the file and empty it, unless that would mean waiting for somebody."""
        limit, self._patience.limit = self._patience.limit, 0.0
        try:
            self.connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error as error:
            _log.debug("checkpoint put off: %s", error)
        finally:
            self._patience.limit = limit

    def _commit_plainly(self, groups: Sequence[Statements]) -> list[Outcome] | None:
        """Commit all groups in one transaction without savepoints, a third of the calls; None when one is bad."""
        execute = self.connection.execute
        execute("BEGIN IMMEDIATE")
        if (together := _together(groups)) is not None:
            return self._commit_together(together, groups)
        outcomes: list[Outcome] = []
        for group in groups:
            try:
                outcomes.append(self._run(group))
            except Exception as error:  # noqa: BLE001 (bad values raise whatever they like; the waiter gets it)
                self._reset()
                return [_meaning(error)] if len(groups) == 1 else None
        return outcomes if self._end() else self._each_alone(groups)

    def _commit_together(self, together: Statements, groups: Sequence[Statements]) -> list[Outcome] | None:
        """Commit groups that only add rows, all rows of a table at once; None when one of them is bad."""
        try:
            self._run(together)
        except Exception:  # noqa: BLE001 (whose it was is found out when each is run by itself)
            self._reset()
            return None
        return [[[] for _ in group] for group in groups] if self._end() else self._each_alone(groups)

    def _commit_apart(self, groups: Sequence[Statements]) -> list[Outcome]:
        """Commit the groups in one transaction, each in a savepoint, so that a bad one undoes itself alone."""
        self.connection.execute("BEGIN IMMEDIATE")
        outcomes: list[Outcome] = []
        for group in groups:
            outcomes.append(self._attempt(group))
            if not self.connection.in_transaction:
                # SQLite gave up the whole transaction (disk full, ON CONFLICT ROLLBACK): nobody is in it any more.
                return self._each_alone(groups)
        return outcomes if self._end() else self._each_alone(groups)

    def _each_alone(self, groups: Sequence[Statements]) -> list[Outcome]:
        """Commit each group in a transaction of its own, so that what ends a transaction ends its own."""
        if len(groups) > 1:
            return [self.commit([group])[0] for group in groups]
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            rows = self._run(groups[0])
            self.connection.execute("COMMIT")
        except Exception as error:  # noqa: BLE001 (as above)
            self._reset()
            return [_meaning(error)]
        return [rows]

    def _end(self) -> bool:
        """Commit the transaction; False when a deferred constraint of one of its groups forbids it."""
        try:
            self.connection.execute("COMMIT")
        except apsw.ConstraintError:
            self._reset()
            return False
        return True

    def _attempt(self, group: Statements) -> Outcome:
        execute = self.connection.execute
        try:
            execute("SAVEPOINT one")
            rows = self._run(group)
            execute("RELEASE one")
        except Exception as error:  # noqa: BLE001 (as above)
            if self.connection.in_transaction:
                execute("ROLLBACK TO one")
                execute("RELEASE one")
            return _meaning(error)
        return rows

    def _run(self, group: Statements) -> Rows:
        return [self._run_statement(index, statement) for index, statement in enumerate(group)]

    def _run_statement(self, index: int, statement: Statement) -> list[Row]:
        sql = statement.sql
        rows: list[Row] = self.connection.execute(sql, bind(sql, statement.params)).fetchall()
        if statement.expect is not None:
            actual = len(rows) if shape_of(sql).returns_rows else self.connection.changes()
            if actual != statement.expect:
                raise ExpectationFailed(index, statement.expect, actual)
        return rows

    def _reset(self) -> None:
        """Leave no transaction open; a connection that cannot even do that is replaced."""
        try:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
        except apsw.Error:
            _log.exception("the writing connection is broken; opening another")
            try:
                self.connection.close(True)
                self.connection = self._connect()
            except (apsw.Error, SqlError):
                _log.exception("no other connection; the next write tries again")


def _together(groups: Sequence[Statements]) -> Statements | None:
    """The same in fewer statements, where several groups add single rows and do nothing else.

    Every call into SQLite lets another thread go first, and then waits for it: of a busy service that is what a command
    costs most. The rows of a table keep their order.
    """
    if len(groups) == 1:
        return None
    rows: dict[Place, list[Sequence[Value]]] = {}
    for group in groups:
        for statement in group:
            if (place := place_of(statement)) is None or len(statement.params) != len(place.columns):
                return None
            rows.setdefault(place, []).append(statement.params)
    return [statement for place, those in rows.items() for statement in insertions(*place, those)]


def _meaning(error: Exception) -> SqlError:
    meaning = translate(error)
    meaning.__cause__ = None if meaning is error else error
    return meaning


def _all_unavailable(groups: Sequence[Statements], error: Exception) -> list[Outcome]:
    """One exception each: shared instances would mix their tracebacks."""
    meaning = translate(error)
    reason = meaning.reason if isinstance(meaning, StoreUnavailable) and meaning.reason != "closed" else "io"
    return [StoreUnavailable(reason, str(meaning)) for _ in groups]

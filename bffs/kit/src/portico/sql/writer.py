"""The one thread that writes a file: it takes every group that waits and commits them together."""

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import apsw

from portico.sql.connection import Patience, translate
from portico.sql.errors import ExpectationFailed, SqlError, StoreUnavailable
from portico.sql.statement import Row, Statement, bind, shape_of

_log = logging.getLogger("portico.sql")

Rows = list[list[Row]]
Outcome = Rows | Exception

_MOST_GROUPS: Final = 1024  # bounds how long one batch can hold the file's lock against other processes
_IDLE: Final = 1.0  # seconds without a write after which the log is folded back into the file


@dataclass(slots=True, eq=False)
class Group:
    """Statements that stand or fall together, and who waits for them."""

    statements: Sequence[Statement]
    waiter: asyncio.Future[Rows]


class Writer:
    """Owns the writing connection. ``submit`` and ``stop`` may be called from any thread."""

    def __init__(self, connect: Callable[[], apsw.Connection], connection: apsw.Connection, patience: Patience) -> None:
        self._connect = connect
        self._connection = connection
        self._patience = patience
        self._groups: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopping = False
        self._stopped = threading.Event()
        self._unfolded = True
        # A daemon: a process that forgets to close still ends; SQLite recovers what it had acknowledged.
        self._thread = threading.Thread(target=self._run, name="portico-sql-writer", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, group: Group) -> None:
        """Queue a group; raises ``StoreUnavailable`` once ``stop`` was called."""
        with self._lock:
            if self._stopping:
                raise StoreUnavailable("closed")
            self._groups.put(group)

    def stop(self) -> None:
        """Finish what is queued, fold the log, close the connection, and return when that is done. Idempotent."""
        with self._lock:
            if not self._stopping:
                self._stopping = True
                self._groups.put(None)
        self._stopped.wait()

    def _run(self) -> None:
        try:
            going = True
            while going:
                going = self._turn()
            self._fold()
            self._connection.close()
        finally:
            self._stopped.set()

    def _turn(self) -> bool:
        """Commit one batch, or fold the log when nothing comes; False at the end."""
        try:
            first = self._groups.get(timeout=_IDLE if self._unfolded else None)
        except queue.Empty:
            self._fold()
            return True
        batch: list[Group] = []
        going = self._collect(first, batch)
        batch = [group for group in batch if not group.waiter.cancelled()]
        if batch:
            self._unfolded = True
            try:
                outcomes = self._commit(batch)
            except Exception as error:  # noqa: BLE001 (a bug here must not leave anybody waiting)
                _log.exception("the writer failed a batch")
                outcomes = _all_unavailable(batch, error)
                self._reset()
            _resolve(batch, outcomes)
        return going

    def _collect(self, first: Group | None, batch: list[Group]) -> bool:
        item = first
        while item is not None:
            batch.append(item)
            if len(batch) >= _MOST_GROUPS:
                return True
            try:
                item = self._groups.get_nowait()
            except queue.Empty:
                return True
        return False

    def _commit(self, batch: Sequence[Group]) -> list[Outcome]:
        """Run the groups in one transaction. What cannot share it runs again alone: blame lands where it belongs."""
        execute = self._connection.execute
        outcomes: list[Outcome] = []
        try:
            execute("BEGIN IMMEDIATE")
        except apsw.Error as error:
            self._reset()
            return _all_unavailable(batch, error)
        for group in batch:
            outcome = self._attempt(group)
            outcomes.append(outcome)
            if not self._connection.in_transaction:
                # SQLite gave up the whole transaction (disk full, ON CONFLICT ROLLBACK): the neighbours start anew.
                return [outcome if other is group else self._commit([other])[0] for other in batch]
        try:
            execute("COMMIT")
        except apsw.ConstraintError as error:
            self._reset()
            if len(batch) == 1:
                return [translate(error)]
            # A deferred constraint of one of them: commit each by itself and let that one fail.
            return [self._commit([group])[0] for group in batch]
        except apsw.Error as error:
            self._reset()
            return _all_unavailable(batch, error)
        return outcomes

    def _attempt(self, group: Group) -> Outcome:
        """Run one group inside a savepoint; its failure undoes the savepoint alone."""
        execute = self._connection.execute
        try:
            execute("SAVEPOINT one")
            rows = [self._run_statement(index, statement) for index, statement in enumerate(group.statements)]
            execute("RELEASE one")
        except Exception as error:  # noqa: BLE001 (bad values raise whatever they like; the waiter gets it)
            if self._connection.in_transaction:
                execute("ROLLBACK TO one")
                execute("RELEASE one")
            meaning = translate(error)
            meaning.__cause__ = None if meaning is error else error
            return meaning
        return rows

    def _run_statement(self, index: int, statement: Statement) -> list[Row]:
        sql = statement.sql
        rows: list[Row] = self._connection.execute(sql, bind(sql, statement.params)).fetchall()
        if statement.expect is not None:
            actual = len(rows) if shape_of(sql).returns_rows else self._connection.changes()
            if actual != statement.expect:
                raise ExpectationFailed(index, statement.expect, actual)
        return rows

    def _reset(self) -> None:
        """Leave no transaction open; a connection that cannot even do that is replaced."""
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except apsw.Error:
            _log.exception("the writing connection is broken; opening another")
            try:
                self._connection.close(True)
                self._connection = self._connect()
            except (apsw.Error, SqlError):
                _log.exception("no other connection; the next write tries again")

    def _fold(self) -> None:
        """Fold the log into the file and empty it, unless that would mean waiting for somebody."""
        limit, self._patience.limit = self._patience.limit, 0.0
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error as error:
            _log.debug("checkpoint put off: %s", error)
        finally:
            self._patience.limit = limit
            self._unfolded = False


def _all_unavailable(batch: Sequence[Group], error: Exception) -> list[Outcome]:
    """One exception each: shared instances would mix their tracebacks."""
    meaning = translate(error)
    reason = meaning.reason if isinstance(meaning, StoreUnavailable) and meaning.reason != "closed" else "io"
    return [StoreUnavailable(reason, str(meaning)) for _ in batch]


def _resolve(batch: Sequence[Group], outcomes: Sequence[Outcome]) -> None:
    """Wake the waiters, with one call into each of their event loops (nearly always there is just one)."""
    loops: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Rows], Outcome]]] = {}
    for group, outcome in zip(batch, outcomes, strict=True):
        loops.setdefault(group.waiter.get_loop(), []).append((group.waiter, outcome))
    for loop, answers in loops.items():
        try:
            loop.call_soon_threadsafe(_answer, answers)
        except RuntimeError:
            _log.warning("%d writers left before their answer", len(answers))


def _answer(answers: Sequence[tuple[asyncio.Future[Rows], Outcome]]) -> None:
    for waiter, outcome in answers:
        if waiter.done():
            continue
        if isinstance(outcome, Exception):
            waiter.set_exception(outcome)
        else:
            waiter.set_result(outcome)

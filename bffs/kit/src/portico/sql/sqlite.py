"""The SQLite adapter, through apsw."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import apsw

from portico.sql.committer import Committer
from portico.sql.connection import Patience, connect, translate
from portico.sql.database import Database
from portico.sql.errors import StatementError, StoreUnavailable
from portico.sql.migrations import LONGEST, Migration
from portico.sql.sqlite_migrations import migrate
from portico.sql.statement import Row, Statement, Value, bind, shape_of
from portico.sql.wal_index import WalIndex
from portico.sql.writer import Group, Writer

_MOST_RECALLED = 4096
_Recalled = dict[tuple[str, tuple[Value, ...]], list[Row]]


class SqliteDatabase(Database):
    """One SQLite file: a writing thread with group commit, and a reading connection on the caller's thread.

    Any number of processes may open the same file. Make one with ``open``, end it with ``close``.
    """

    def __init__(self, writer: Writer, reader: apsw.Connection, log: WalIndex | None) -> None:
        self._writer = writer
        self._reader = reader
        self._log = log
        self._memory: tuple[bytes, _Recalled] = b"", {}
        self._gathered: dict[asyncio.AbstractEventLoop, list[Group]] = {}
        self._reading = threading.Lock()  # never contended with one event loop; makes two of them safe

    @classmethod
    async def open(cls, path: Path, *, migrations: Sequence[Migration] = (), busy_timeout: float = 10.0) -> Self:
        """Open or create ``path``, apply ``migrations``, start the writer.

        ``busy_timeout`` is how many seconds a write waits for other processes before ``StoreUnavailable``. Raises
        ``MigrationError`` or ``StoreUnavailable``.
        """
        return await asyncio.to_thread(cls._open, path, tuple(migrations), busy_timeout)

    @classmethod
    @WalIndex.opening()
    def _open(cls, path: Path, migrations: Sequence[Migration], busy_timeout: float) -> Self:
        patience = Patience(busy_timeout)
        connection = connect(path, patience)
        try:
            patience.limit = LONGEST  # a big table takes its time, and who starts meanwhile waits for it
            migrate(connection, migrations)
            patience.limit = busy_timeout
            reader = connect(path, Patience(1.0))  # a reader meets a lock only while a crashed log is recovered
            reader.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close(True)
            raise
        writer = Writer(Committer(lambda: connect(path, patience), connection, patience))
        writer.start()
        return cls(writer, reader, WalIndex.of(Path(reader.filename)))

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """See ``Database.read``; runs on the calling thread, which is quicker than any hand-over."""
        values = bind(sql, params)
        try:
            with self._reading:
                return self._reader.execute(sql, values).fetchall()
        except apsw.ReadOnlyError as error:
            raise StatementError("read does not write") from error
        except (apsw.Error, TypeError, ValueError, OverflowError) as error:
            raise translate(error) from error

    async def recall(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """See ``Database.recall``: from memory as long as no process has committed anything to the file."""
        if self._log is None:
            return await self.read(sql, params)
        header, question = self._log.header(), (sql, tuple(params))
        noted, recalled = self._memory
        if noted != header or len(recalled) >= _MOST_RECALLED:
            recalled = {}
            self._memory = header, recalled  # another thread may go on with what it has: it asked before
        rows = recalled.get(question)
        if rows is None:
            rows = recalled[question] = await self.read(sql, params)
        return rows.copy()

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """See ``Database.write``."""
        group = tuple(statements)
        if not group:
            return []
        for statement in group:
            shape_of(statement.sql)  # a wrong text fails here, with the caller in the traceback
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[list[list[Row]]] = loop.create_future()
        if (gathered := self._gathered.get(loop)) is None:
            gathered = self._gathered[loop] = []
            loop.call_soon(self._hand_over, loop)
        gathered.append(Group(group, waiter))
        return await waiter

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        """Give the writer what one turn of the loop wants written: it is woken once, and commits it together."""
        groups = self._gathered.pop(loop, [])
        try:
            self._writer.submit(groups)
        except StoreUnavailable as error:
            for group in groups:
                if not group.waiter.done():
                    group.waiter.set_exception(StoreUnavailable(error.reason))

    async def close(self) -> None:
        """See ``Database.close``. Calling it twice is fine."""
        self._hand_over(asyncio.get_running_loop())
        await asyncio.to_thread(self._writer.stop)
        with self._reading:
            self._reader.close()
            log, self._log = self._log, None
        if log is not None:
            log.close()

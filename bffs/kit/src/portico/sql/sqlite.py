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
from portico.sql.errors import StatementError
from portico.sql.migrations import Migration
from portico.sql.sqlite_migrations import migrate
from portico.sql.statement import Row, Statement, Value, bind, shape_of
from portico.sql.writer import Group, Writer


class SqliteDatabase(Database):
    """One SQLite file: a writing thread with group commit, and a reading connection on the caller's thread.

    Any number of processes may open the same file. Make one with ``open``, end it with ``close``.
    """

    def __init__(self, writer: Writer, reader: apsw.Connection) -> None:
        self._writer = writer
        self._reader = reader
        self._reading = threading.Lock()  # never contended with one event loop; makes two of them safe

    @classmethod
    async def open(cls, path: Path, *, migrations: Sequence[Migration] = (), busy_timeout: float = 10.0) -> Self:
        """Open or create ``path``, apply ``migrations``, start the writer.

        ``busy_timeout`` is how many seconds a write waits for other processes before ``StoreUnavailable``. Raises
        ``MigrationError`` or ``StoreUnavailable``.
        """
        return await asyncio.to_thread(cls._open, path, tuple(migrations), busy_timeout)

    @classmethod
    def _open(cls, path: Path, migrations: Sequence[Migration], busy_timeout: float) -> Self:
        patience = Patience(busy_timeout)
        connection = connect(path, patience)
        try:
            migrate(connection, migrations)
            reader = connect(path, Patience(1.0))  # a reader meets a lock only while a crashed log is recovered
            reader.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close(True)
            raise
        writer = Writer(Committer(lambda: connect(path, patience), connection, patience))
        writer.start()
        return cls(writer, reader)

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

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """See ``Database.write``."""
        group = tuple(statements)
        if not group:
            return []
        for statement in group:
            shape_of(statement.sql)  # a wrong text fails here, with the caller in the traceback
        waiter: asyncio.Future[list[list[Row]]] = asyncio.get_running_loop().create_future()
        self._writer.submit(Group(group, waiter))
        return await waiter

    async def close(self) -> None:
        """See ``Database.close``. Calling it twice is fine."""
        await asyncio.to_thread(self._writer.stop)
        with self._reading:
            self._reader.close()

"""The PostgreSQL adapter, through asyncpg."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Any, Final, Self

import asyncpg  # type: ignore[import-untyped]

from portico.sql.database import Database
from portico.sql.errors import StoreUnavailable
from portico.sql.migrations import Migration
from portico.sql.postgres_committer import Group, PostgresCommitter, Rows
from portico.sql.postgres_connection import (
    CONNECT_TIMEOUT,
    Connection,
    connect,
    connecting,
    is_lost,
    prepare,
    translate,
)
from portico.sql.postgres_migrations import migrate
from portico.sql.postgres_scope import NONE, ScopedDatabase, Settings, opening
from portico.sql.statement import Row, Statement, Value, shape_of, with_right_count

_MOST_GROUPS: Final = 256  # bounds how long one batch can hold the write lock against other processes
_READERS: Final = 8

_Waiting = tuple[Group, asyncio.Future[Rows]]


class PostgresDatabase(Database):
    """One PostgreSQL database: a task that writes, with group commit, and a pool of connections that cannot.

    Any number of processes may open the same database. Belongs to the event loop it was opened in. Make one with
    ``open``, end it with ``close``.
    """

    def __init__(self, committer: PostgresCommitter, pool: Any) -> None:
        self._committer = committer
        self._pool = pool
        self._waiting: deque[_Waiting] = deque()
        self._woken = asyncio.Event()
        self._closing = False
        self._ending: set[asyncio.Task[None]] = set()
        self._writing = asyncio.create_task(self._write_all(), name="portico-sql-writer")

    @classmethod
    async def open(
        cls, url: str, *, migrations: Sequence[Migration] = (), busy_timeout: float = 10.0, readers: int = _READERS
    ) -> Self:
        """Connect to the database at ``url``, apply ``migrations``, start the writer.

        ``busy_timeout`` is how many seconds a write waits for other processes before ``StoreUnavailable``; ``readers``
        how many queries may run at once. Raises ``UnsupportedUrl``, ``MigrationError`` or ``StoreUnavailable``.
        """

        reconnect = partial(connect, url, patience=busy_timeout)
        connection = await reconnect()
        try:
            await migrate(connection, migrations)
            pool = await _pool(url, readers, busy_timeout)
        except BaseException:
            connection.terminate()
            raise
        return cls(PostgresCommitter(reconnect, connection), pool)

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """See ``Database.read``."""
        return await self._read(NONE, sql, params)

    async def read_under(self, settings: Settings, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Run one query in a transaction of its own with ``settings``, which end with it. Otherwise as ``read``."""
        return await self._read(settings, sql, params)

    def under(self, settings: Settings) -> Database:
        """This database for somebody: everything asked of it runs with ``settings`` that end with the transaction.

        Row-level security reads them by ``current_setting(name, true)``. Closing it closes nothing.
        """
        return ScopedDatabase(self, settings)

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """See ``Database.write``."""
        return await self.write_under(NONE, statements)

    async def write_under(self, settings: Settings, statements: Sequence[Statement]) -> list[list[Row]]:
        """Run a group with ``settings`` that hold for it alone, whichever groups share its transaction."""
        group = Group(tuple(statements), settings)
        if not group.statements:
            return []
        for statement in group.statements:
            shape_of(statement.sql)  # a wrong text fails here, with the caller in the traceback
        if self._closing:
            raise StoreUnavailable("closed")
        waiter: asyncio.Future[Rows] = asyncio.get_running_loop().create_future()
        self._waiting.append((group, waiter))
        self._woken.set()
        return await waiter

    async def close(self) -> None:
        """See ``Database.close``. Calling it twice is fine."""
        self._closing = True
        self._woken.set()
        await self._writing
        await asyncio.gather(*self._ending, return_exceptions=True)
        if not self._pool.is_closing():
            await self._pool.close()

    async def _read(self, settings: Settings, sql: str, params: Sequence[Value]) -> list[Row]:
        values = with_right_count(sql, params)
        if self._closing:
            raise StoreUnavailable("closed")
        try:
            fetch = partial(self._fetch_under, opening(settings)) if settings else self._pool.fetch
            try:
                return [tuple(row) for row in await fetch(sql, *values)]
            except Exception as error:
                if not is_lost(error):
                    raise
                # The server was started anew: every connection of the pool is dead. A query can be asked again.
                await self._pool.expire_connections()
                return [tuple(row) for row in await fetch(sql, *values)]
        except Exception as error:
            raise translate(error) from error

    async def _fetch_under(self, begin: str, sql: str, *values: Value) -> Sequence[Sequence[Any]]:
        connection: Connection = await self._pool.acquire()
        try:
            await connection.execute(begin)
            return await connection.fetch(sql, *values)
        finally:
            # Nobody waits for the end of a transaction that changed nothing. Until then the connection is not lent.
            ending = asyncio.create_task(self._end(connection))
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)

    async def _end(self, connection: Connection) -> None:
        try:
            await connection.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 (whatever it was: who was asking last must not be known to the next)
            with contextlib.suppress(asyncpg.InterfaceError):  # one that died has left the pool already
                connection.terminate()
        finally:
            await self._pool.release(connection)

    async def _write_all(self) -> None:
        while not self._closing or self._waiting:
            await self._woken.wait()
            self._woken.clear()
            while self._waiting:
                await self._write_batch()
        await self._committer.close()

    async def _write_batch(self) -> None:
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_GROUPS))]
        batch = [group for group in taken if not group[1].cancelled()]
        if not batch:
            return
        outcomes = await self._committer.commit([group for group, _ in batch])
        for (_, waiter), outcome in zip(batch, outcomes, strict=True):
            if waiter.done():
                continue
            if isinstance(outcome, Exception):
                waiter.set_exception(outcome)
            else:
                waiter.set_result(outcome)


async def _pool(url: str, readers: int, patience: float) -> Any:  # asyncpg has no types
    try:
        return await asyncpg.create_pool(
            url,
            min_size=1,
            max_size=readers,
            init=prepare,
            reset=_nothing,
            timeout=CONNECT_TIMEOUT,
            command_timeout=patience + 20,
            server_settings={"default_transaction_read_only": "on"},
        )
    except Exception as error:  # noqa: BLE001 (it comes back as one of ours, without the URL)
        raise connecting(error) from None


async def _nothing(connection: object) -> None:
    """A read leaves nothing behind that the next one could see: save the round trip that would tidy up."""

"""Brings a PostgreSQL database's schema up to date, from scripts written for SQLite as well."""

import re
from collections.abc import Sequence
from typing import Final

from portico.sql.errors import MigrationError, StoreUnavailable
from portico.sql.migrations import Migration, missing, require_unique
from portico.sql.postgres_connection import Connection, translate

WRITE_LOCK: Final = "SELECT pg_advisory_xact_lock(8098991042016473455)"
"""Taken by every transaction that writes: one at a time in a database, as in a SQLite file. The number is Portico's."""

_RECORD = """CREATE TABLE IF NOT EXISTS portico_migrations (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  applied_at TIMESTAMPTZ NOT NULL DEFAULT now()
)"""
_TYPES: Final = {"blob": "BYTEA", "integer": "BIGINT", "int": "BIGINT", "real": "DOUBLE PRECISION"}
_TOKEN = re.compile(
    r"(?P<kept>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/)|(?P<word>[A-Za-z_]\w*)|(?P<end>;)", re.DOTALL
)
_TRANSACTION = frozenset({
    "abort", "begin", "commit", "end", "prepare", "release", "rollback", "savepoint", "start",
})  # fmt: skip


async def migrate(connection: Connection, migrations: Sequence[Migration]) -> tuple[str, ...]:
    """Apply what is missing, in the order given, in one transaction; return the ids applied now.

    Replicas that start together wait for the first and find the work done. Raises ``MigrationError`` (nothing is
    changed then) or ``StoreUnavailable``.
    """
    require_unique(migrations)
    try:
        if not await _missing(connection, migrations):
            return ()
        await connection.execute(f"BEGIN; {WRITE_LOCK}")
        try:
            applied = await _apply(connection, migrations)
            await connection.execute("COMMIT")
        except BaseException:
            if connection.is_in_transaction():
                await connection.execute("ROLLBACK")
            raise
    except Exception as error:
        raise translate(error) from error
    return applied


async def _apply(connection: Connection, migrations: Sequence[Migration]) -> tuple[str, ...]:
    await connection.execute(_RECORD)
    waiting = await _missing(connection, migrations)  # asked again: the lock is ours only now
    for migration in waiting:
        script = as_postgres(migration)
        try:
            await connection.execute(script)
        except Exception as error:
            meaning = translate(error)
            if isinstance(meaning, StoreUnavailable):
                raise meaning from error
            raise MigrationError(migration.id, str(error)) from error
        await connection.execute(
            "INSERT INTO portico_migrations (id, digest) VALUES ($1, $2)", migration.id, migration.digest
        )
    return tuple(migration.id for migration in waiting)


async def _missing(connection: Connection, migrations: Sequence[Migration]) -> list[Migration]:
    known: dict[str, str] = {}
    if await connection.fetch("SELECT 1 WHERE to_regclass('portico_migrations') IS NOT NULL"):
        known = {row[0]: row[1] for row in await connection.fetch("SELECT id, digest FROM portico_migrations")}
    return missing(known, migrations)


def as_postgres(migration: Migration) -> str:
    """Return the script with PostgreSQL's names of the types that SQLite's mean.

    ``BLOB`` is ``BYTEA``, ``INTEGER`` has 64 bits and ``REAL`` too. Raises ``MigrationError`` for a script that would
    end its transaction.
    """
    starting = True

    def word(token: re.Match[str]) -> str:
        nonlocal starting
        text = token[0]
        if token["kept"]:
            return text
        if token["end"]:
            starting = True
            return text
        if starting and text.lower() in _TRANSACTION:
            raise MigrationError(migration.id, f"not authorized: {text} would end the one transaction of all steps")
        starting = False
        return _TYPES.get(text.lower(), text)

    return _TOKEN.sub(word, migration.script if migration.postgres is None else migration.postgres)

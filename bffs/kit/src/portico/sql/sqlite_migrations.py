"""Brings a SQLite file's schema up to date."""

from collections.abc import Sequence

import apsw

from portico.sql.connection import translate
from portico.sql.errors import MigrationError, StoreUnavailable
from portico.sql.migrations import Migration, missing, require_unique

_RECORD = """CREATE TABLE IF NOT EXISTS portico_migrations (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT, WITHOUT ROWID"""


def migrate(connection: apsw.Connection, migrations: Sequence[Migration]) -> tuple[str, ...]:
    """Apply what is missing, in the order given, in one transaction; return the ids applied now.

    Processes that start together wait for the first and find the work done. Raises ``MigrationError`` (nothing is
    changed then) or ``StoreUnavailable``.
    """
    require_unique(migrations)
    try:
        if not _missing(connection, migrations):
            return ()
        connection.execute("BEGIN IMMEDIATE")
        try:
            applied = _apply(connection, migrations)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    except apsw.Error as error:
        raise translate(error) from error
    return applied


def _apply(connection: apsw.Connection, migrations: Sequence[Migration]) -> tuple[str, ...]:
    connection.execute(_RECORD)
    waiting = _missing(connection, migrations)  # asked again: the lock is ours only now
    for migration in waiting:
        connection.authorizer = _keep_transaction
        try:
            connection.execute(migration.script).fetchall()
        except apsw.Error as error:
            meaning = translate(error)
            if isinstance(meaning, StoreUnavailable):
                raise meaning from error
            raise MigrationError(migration.id, str(error)) from error
        finally:
            connection.authorizer = None
        connection.execute(
            "INSERT INTO portico_migrations (id, digest) VALUES (?, ?)", (migration.id, migration.digest)
        )
    return tuple(migration.id for migration in waiting)


def _missing(connection: apsw.Connection, migrations: Sequence[Migration]) -> list[Migration]:
    known: dict[str, str] = {}
    if connection.table_exists(None, "portico_migrations"):
        known = dict(connection.execute("SELECT id, digest FROM portico_migrations"))
    return missing(known, migrations)


def _keep_transaction(action: int, *_: str | None) -> int:
    """Refuse BEGIN, COMMIT, ROLLBACK and savepoints inside a script: they would break the one transaction."""
    refused = action in {apsw.SQLITE_TRANSACTION, apsw.SQLITE_SAVEPOINT}
    return apsw.SQLITE_DENY if refused else apsw.SQLITE_OK

"""Schema changes: ordered, recorded with their digest, applied together or not at all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import apsw

from portico.sql.connection import translate
from portico.sql.errors import MigrationError, StoreUnavailable

_RECORD = """CREATE TABLE IF NOT EXISTS portico_migrations (
  id TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
) STRICT, WITHOUT ROWID"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a schema. ``id`` is unique in the file (``bff/0001-entities``); ``script`` is one or more statements.

    Once released, neither changes: add another. Steps that this process does not know (a newer version ran here) are
    left alone.
    """

    id: str
    script: str

    @property
    def digest(self) -> str:
        """SHA-256 of the script, in hexadecimal."""
        return hashlib.sha256(self.script.encode()).hexdigest()


def migrate(connection: apsw.Connection, migrations: Sequence[Migration]) -> tuple[str, ...]:
    """Apply what is missing, in the order given, in one transaction; return the ids applied now.

    Processes that start together wait for the first and find the work done. Raises ``MigrationError`` (nothing is
    changed then) or ``StoreUnavailable``.
    """
    ids = [migration.id for migration in migrations]
    if len(set(ids)) != len(ids):
        raise MigrationError(next(id_ for id_ in ids if ids.count(id_) > 1), "the id is used twice")
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
    missing = _missing(connection, migrations)  # asked again: the lock is ours only now
    for migration in missing:
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
    return tuple(migration.id for migration in missing)


def _missing(connection: apsw.Connection, migrations: Sequence[Migration]) -> list[Migration]:
    """Return the migrations this file has not seen; raises ``MigrationError`` for one that changed since."""
    known: dict[str, str] = {}
    if connection.table_exists(None, "portico_migrations"):
        known = dict(connection.execute("SELECT id, digest FROM portico_migrations"))
    for migration in migrations:
        if known.get(migration.id, migration.digest) != migration.digest:
            raise MigrationError(migration.id, "its script changed after it was applied; add another migration instead")
    return [migration for migration in migrations if migration.id not in known]


def _keep_transaction(action: int, *_: str | None) -> int:
    """Refuse BEGIN, COMMIT, ROLLBACK and savepoints inside a script: they would break the one transaction."""
    refused = action in {apsw.SQLITE_TRANSACTION, apsw.SQLITE_SAVEPOINT}
    return apsw.SQLITE_DENY if refused else apsw.SQLITE_OK

"""One SQLite connection: how it is set up, how it waits for others, and what its errors mean."""

import contextlib
import os
import random
import time
from pathlib import Path

import apsw

from portico.sql.errors import (
    ConstraintViolation,
    InvalidText,
    SqlError,
    StatementError,
    StoreUnavailable,
    UniqueViolation,
)

_UNIQUE = frozenset({
    apsw.SQLITE_CONSTRAINT_UNIQUE,
    apsw.SQLITE_CONSTRAINT_PRIMARYKEY,
    apsw.SQLITE_CONSTRAINT_ROWID,
})  # fmt: skip
_KINDS = {
    apsw.SQLITE_CONSTRAINT_CHECK: "check",
    apsw.SQLITE_CONSTRAINT_NOTNULL: "not-null",
    apsw.SQLITE_CONSTRAINT_FOREIGNKEY: "foreign-key",
}
_UNAVAILABLE: dict[type[apsw.Error], str] = {
    apsw.BusyError: "busy",
    apsw.LockedError: "busy",
    apsw.ProtocolError: "busy",
    apsw.FullError: "full",
    apsw.IOError: "io",
    apsw.CantOpenError: "io",
    apsw.ReadOnlyError: "io",
    apsw.PermissionsError: "io",
    apsw.NoMemError: "io",
    apsw.InterruptError: "io",
    apsw.CorruptError: "corrupt",
    apsw.NotADBError: "corrupt",
    apsw.ConnectionClosedError: "closed",
}
# The switch to write-ahead logging deletes its journal for good: the folder is synced. Should a power cut bring it
# back, SQLite would take the file to have been empty, and all commits since would be gone.
_FOR_THE_SWITCH = "PRAGMA synchronous = EXTRA"
_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # an acknowledged commit survives a power cut; NORMAL would lose it
    "PRAGMA fullfsync = ON",  # the same on macOS, whose fsync stops at the drive's cache
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16384",
    "PRAGMA journal_size_limit = 67108864",
)


class Patience:
    """How long a connection waits for the locks of other processes; ``limit`` is in seconds and may change."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._since = 0.0

    def __call__(self, attempt: int) -> bool:
        """SQLite's busy handler. Short jittered naps: its own back off to 100 ms, which starves a busy file's guest."""
        now = time.monotonic()
        if attempt == 0:
            self._since = now
        if now - self._since >= self.limit:
            return False
        time.sleep(random.uniform(0.0002, 0.004))  # noqa: S311 (jitter, no secret)
        return True


def connect(path: Path, patience: Patience) -> apsw.Connection:
    """Open ``path`` for one writer or reader in WAL mode; blocks while other processes prepare the file.

    A new file is readable by its owner alone (SQLite gives its log the same mode). Raises ``StoreUnavailable``.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _create(path)
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, statementcachesize=256)
        connection.set_busy_handler(patience)
        connection.execute(_FOR_THE_SWITCH)
        _use_wal(connection, patience)
        for pragma in _PRAGMAS:
            connection.execute(pragma)
    except OSError as error:
        raise StoreUnavailable("io", f"{path}: {error.strerror}") from error
    except apsw.Error as error:
        raise translate(error) from error
    return connection


def _create(path: Path) -> None:
    """Make the file if it is new; never open an old one, for closing it again would drop this process's POSIX locks."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _use_wal(connection: apsw.Connection, patience: Patience) -> None:
    """Switch the file to write-ahead logging: the one statement for which SQLite does not ask the busy handler."""
    attempt = 0
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchall()
        except apsw.BusyError:
            if not patience(attempt):
                raise
            attempt += 1
        else:
            if mode != [("wal",)]:
                raise StoreUnavailable("io", f"no write-ahead log possible here: {mode}")
            return


def translate(error: Exception) -> SqlError:
    """Return what ``error`` (apsw's, or a value Python cannot bind) means to a caller."""
    if isinstance(error, SqlError):
        return error
    if isinstance(error, apsw.ConstraintError):
        return _violation(error)
    for kind, reason in _UNAVAILABLE.items():
        if isinstance(error, kind):
            return StoreUnavailable(reason, f"the store is unavailable ({reason}): {error}")
    if isinstance(error, UnicodeError):
        return InvalidText(str(error))
    return StatementError(str(error) or type(error).__name__)


def _violation(error: apsw.ConstraintError) -> ConstraintViolation:
    message = str(error)
    extended = getattr(error, "extendedresult", 0)  # missing in apsw's stubs
    if extended in _UNIQUE:
        # SQLite says "UNIQUE constraint failed: t.a, t.b", or "... failed: index 'name'" for an index on expressions.
        places = [place.strip().partition(".") for place in message.partition("failed: ")[2].split(",")]
        columns = tuple(column for _, dot, column in places if dot)
        return UniqueViolation(columns, places[0][0] if columns else "", message)
    return ConstraintViolation(_KINDS.get(extended, "other"), message)

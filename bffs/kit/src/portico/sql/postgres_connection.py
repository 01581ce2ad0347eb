"""One PostgreSQL connection: how it is set up, and what its errors mean."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import asyncpg  # type: ignore[import-untyped]

from portico.sql.errors import (
    ConstraintViolation,
    InvalidText,
    SqlError,
    StatementError,
    StoreUnavailable,
    UniqueViolation,
    UnsupportedUrl,
)


class Connection(Protocol):
    """What is used of asyncpg's connection, which has no types of its own."""

    async def execute(self, query: str, *args: object, timeout: float | None = None) -> str:  # noqa: ASYNC109
        """Run a command (or several without arguments) and return what it did: ``UPDATE 3``.

        ``timeout`` in seconds, where it may take longer than others.
        """
        ...

    async def fetch(self, query: str, *args: object) -> Sequence[Sequence[Any]]:
        """Run a query and return its rows."""
        ...

    async def set_type_codec(
        self, typename: str, *, schema: str, encoder: Callable[[Any], str], decoder: Callable[[str], Any]
    ) -> None:
        """Have values of a type written as text, and read so."""
        ...

    def is_closed(self) -> bool:
        """Whether it has ended, from whichever side."""
        ...

    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""
        ...

    async def close(self) -> None:
        """End it with a word to the server."""
        ...

    def terminate(self) -> None:
        """End it now."""
        ...


CONNECT_TIMEOUT: Final = 10.0
"""Seconds until a server that does not answer is unavailable."""

_KINDS: Final[dict[type[Exception], str]] = {
    asyncpg.CheckViolationError: "check",
    asyncpg.NotNullViolationError: "not-null",
    asyncpg.ForeignKeyViolationError: "foreign-key",
}
_UNAVAILABLE: Final[tuple[tuple[type[Exception], str], ...]] = (
    (asyncpg.LockNotAvailableError, "busy"),
    (asyncpg.QueryCanceledError, "busy"),
    (asyncpg.TransactionRollbackError, "busy"),  # deadlock, serialisation: somebody who does not take our lock
    (asyncpg.DiskFullError, "full"),
    (asyncpg.DataCorruptedError, "corrupt"),
    (asyncpg.IndexCorruptedError, "corrupt"),
    (asyncpg.InsufficientResourcesError, "busy"),
    (asyncpg.OperatorInterventionError, "io"),
    (asyncpg.IdleInTransactionSessionTimeoutError, "io"),
    (asyncpg.PostgresConnectionError, "io"),
    (asyncpg.InvalidAuthorizationSpecificationError, "io"),
    (asyncpg.InvalidCatalogNameError, "io"),
    (asyncpg.PostgresSystemError, "io"),
    (TimeoutError, "io"),
    (OSError, "io"),
)
_LOST: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InternalClientError,  # what its protocol says when the server's last words are still unread
    ConnectionError,
)
_KEY = re.compile(r"\((?P<columns>[^=]*)\)=\(")


async def connect(url: str, *, patience: float) -> Connection:
    """Open a writing connection; ``patience`` is how many seconds it waits for the locks of others.

    Raises ``UnsupportedUrl`` (the text holds nothing of the URL) or ``StoreUnavailable``.
    """
    settings = {
        "lock_timeout": str(round(patience * 1000)),
        # A replica that freezes inside its transaction holds everybody's lock: the server ends it.
        "idle_in_transaction_session_timeout": str(round((patience + 10) * 1000)),
        # An acknowledged commit survives a power cut, also where the database was set up otherwise.
        "synchronous_commit": "on",
    }
    try:
        connection: Connection = await asyncpg.connect(
            url, timeout=CONNECT_TIMEOUT, command_timeout=patience + 20, server_settings=settings
        )
        await prepare(connection)
    except Exception as error:  # noqa: BLE001 (it comes back as one of ours, without the URL)
        raise connecting(error) from None
    return connection


async def prepare(connection: Connection) -> None:
    """Have values come as SQLite's adapter returns them: numbers and truth values as ``int`` or ``float``."""
    await connection.set_type_codec("numeric", schema="pg_catalog", encoder=str, decoder=_number)
    await connection.set_type_codec("bool", schema="pg_catalog", encoder=_word, decoder=_truth)


def connecting(error: Exception) -> SqlError:
    """Return what it means that no connection came about; nothing of the URL is in the text."""
    if isinstance(error, (asyncpg.ClientConfigurationError, ValueError)):
        return UnsupportedUrl("a PostgreSQL URL is postgresql://user:password@host:5432/database")
    meaning = translate(error)
    return meaning if isinstance(meaning, StoreUnavailable) else StoreUnavailable("io", str(meaning))


def is_lost(error: Exception) -> bool:
    """Whether the connection ended, rather than the statement."""
    closed = isinstance(error, asyncpg.InterfaceError) and "clos" in str(error)  # it has no kind of its own
    return closed or isinstance(error, _LOST)


def translate(error: Exception) -> SqlError:
    """Return what ``error`` (asyncpg's, the socket's, or a value that cannot be sent) means to a caller."""
    if isinstance(error, SqlError):
        return error
    if isinstance(error, asyncpg.IntegrityConstraintViolationError):
        return _violation(error)
    if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
        return StatementError("read does not write")
    said = str(error) or type(error).__name__
    reasons = (reason for kind, reason in _UNAVAILABLE if isinstance(error, kind))
    if reason := "io" if is_lost(error) else next(reasons, None):
        return StoreUnavailable(reason, f"the store is unavailable ({reason}): {said}")
    no_text = isinstance(error, (asyncpg.CharacterNotInRepertoireError, UnicodeError))
    no_text = no_text or isinstance(error.__cause__, UnicodeError)
    return InvalidText(said) if no_text else StatementError(said)


def _violation(error: asyncpg.IntegrityConstraintViolationError) -> ConstraintViolation:
    message = str(error)
    if isinstance(error, asyncpg.UniqueViolationError):
        # "Key (a, b)=(1, 2) already exists.", in the server's language; a key of expressions has brackets in it.
        key = _KEY.search(error.detail or "")
        columns = key["columns"] if key and "(" not in key["columns"] else ""
        names = tuple(name.strip().strip('"') for name in columns.split(",")) if columns else ()
        if error.detail is None:  # row-level security: the server does not say which key, for it tells of a row
            return UniqueViolation((), error.table_name or "", message)
        return UniqueViolation(names, (error.table_name or "") if names else "", message)
    return ConstraintViolation(_KINDS.get(type(error), "other"), message)


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _truth(text: str) -> int:
    return int(text == "t")


def _word(value: object) -> str:
    return "t" if value else "f"

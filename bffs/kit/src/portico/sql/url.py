"""From a database URL to the adapter that serves it."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from portico.sql.database import Database
from portico.sql.errors import UnsupportedUrl
from portico.sql.migrations import Migration
from portico.sql.sqlite import SqliteDatabase


async def open_database(url: str, *, migrations: Sequence[Migration] = ()) -> Database:
    """Open the database at ``url`` with its schema up to date.

    ``sqlite:////absolute/path.db``, or ``postgresql://user:password@host:5432/database`` (libpq, chapter "Connection
    URIs"). Raises ``UnsupportedUrl``, ``MigrationError`` or ``StoreUnavailable``.
    """
    if is_postgres(url):
        from portico.sql.postgres import PostgresDatabase  # noqa: PLC0415 (with SQLite alone, start without its client)

        return await PostgresDatabase.open(url, migrations=migrations)
    return await SqliteDatabase.open(sqlite_path(url), migrations=migrations)


def is_postgres(url: str) -> bool:
    """Whether a URL names a PostgreSQL database."""
    return url.startswith(("postgresql://", "postgres://"))


def sqlite_path(url: str) -> Path:
    """Return the file that a ``sqlite:`` URL names; raises ``UnsupportedUrl`` unless it is an absolute path."""
    parts = urlsplit(url)
    if parts.scheme != "sqlite":
        raise UnsupportedUrl(
            f"no adapter for {parts.scheme or 'a URL without a scheme'!r}; use sqlite:////path/file.db or "
            "postgresql://user:password@host/database"
        )
    if parts.netloc or parts.query or parts.fragment or not parts.path.startswith("//") or parts.path.endswith("/"):
        raise UnsupportedUrl(
            "a SQLite URL is sqlite:////absolute/path.db, with four slashes and nothing after the path"
        )
    return Path(unquote(parts.path[1:]))

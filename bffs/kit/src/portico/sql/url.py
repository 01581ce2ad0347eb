"""From a database URL to the adapter that serves it."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from portico.sql.database import Database
from portico.sql.errors import UnsupportedUrl
from portico.sql.migrations import Migration
from portico.sql.sqlite import SqliteDatabase


async def open_database(url: str, *, migrations: Sequence[Migration] = ()) -> Database:
    """Open the database at ``url`` (``sqlite:////absolute/path.db``) with its schema up to date.

    Raises ``UnsupportedUrl``, ``MigrationError`` or ``StoreUnavailable``.
    """
    return await SqliteDatabase.open(sqlite_path(url), migrations=migrations)


def sqlite_path(url: str) -> Path:
    """Return the file that a ``sqlite:`` URL names; raises ``UnsupportedUrl`` unless it is an absolute path."""
    parts = urlsplit(url)
    if parts.scheme != "sqlite":
        raise UnsupportedUrl(
            f"no adapter for {parts.scheme or 'a URL without a scheme'!r}; use sqlite:////path/file.db"
        )
    if parts.netloc or parts.query or parts.fragment or not parts.path.startswith("//") or parts.path.endswith("/"):
        raise UnsupportedUrl(
            "a SQLite URL is sqlite:////absolute/path.db, with four slashes and nothing after the path"
        )
    return Path(unquote(parts.path[1:]))

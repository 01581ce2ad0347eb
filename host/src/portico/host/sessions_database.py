"""The database that sessions share with what hangs on them."""

from __future__ import annotations

from portico.host.errors import ConfigurationError
from portico.host.push import MIGRATIONS as PUSH_MIGRATIONS
from portico.host.session import MIGRATIONS
from portico.sql import Database, StoreUnavailable, UnsupportedUrl, open_database

SESSION_MIGRATIONS = (*MIGRATIONS, *PUSH_MIGRATIONS)


async def open_sessions(url: str) -> Database:
    """The database at `url`, with its tables; raises ConfigurationError that names the setting."""
    try:
        return await open_database(url, migrations=SESSION_MIGRATIONS)
    except (UnsupportedUrl, StoreUnavailable) as error:
        raise ConfigurationError(f"PORTICO_SESSIONS_DATABASE: {error}") from error

"""The database of sessions on both engines: fixtures for tests that must hold on either."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from portico.host.sessions_database import open_sessions
from portico.sql import Database, Statement
from tools.postgres import PostgresServer

TABLES = ("session", "session_lease", "login_attempt", "push_subscription")


@pytest.fixture(scope="session")
def sessions_on_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of one database that all tests of a process use in turn."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def sessions_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where sessions are kept: on each engine once. On PostgreSQL, whoever opens it finds what others left."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sessions.db'}"
    url: str = request.getfixturevalue("sessions_on_postgres")
    return url


@pytest.fixture
async def session_database(sessions_url: str) -> AsyncIterator[Database]:
    """An empty database with the tables of sessions and of what hangs on them."""
    database = await open_sessions(sessions_url)
    await database.write([Statement(f"DELETE FROM {table}") for table in TABLES])
    yield database
    await database.close()

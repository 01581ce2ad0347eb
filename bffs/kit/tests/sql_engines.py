"""The databases that one suite runs over: a SQLite file and a PostgreSQL server."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.postgres import PostgresServer

_SCHEMAS: Iterator[int] = itertools.count(1)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/test.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def service_database(postgres_server: PostgresServer) -> str:
    """Return the URL of a database that a role of its own owns, which row-level security binds."""
    postgres_server.run("createuser", "--no-superuser", "--no-createdb", "--no-createrole", "service")
    postgres_server.run("createdb", "--template=template0", "--owner=service", "services")
    return f"postgresql://service@/services?host={postgres_server.folder}"


def new_schema(service_database: str, postgres_server: PostgresServer) -> str:
    """Make an empty schema for a service, in PostgreSQL: far quicker than a database. Return its URL."""
    name = f"s{next(_SCHEMAS)}"
    postgres_server.run("psql", "-q", "-d", "services", "-U", "service", "-c", f"CREATE SCHEMA {name}")
    return f"{service_database}&search_path={name}"


@pytest.fixture
def service_url(service_database: str, postgres_server: PostgresServer) -> str:
    """Return the URL of an empty schema for a service."""
    return new_schema(service_database, postgres_server)


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database for a service's store, of each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    url: str = request.getfixturevalue("service_url")
    return url

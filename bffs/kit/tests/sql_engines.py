"""The databases that one suite runs over: a SQLite file and a PostgreSQL server."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty database of each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data/test.db"
    url: str = request.getfixturevalue("postgres_url")
    return url

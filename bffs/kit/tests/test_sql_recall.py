"""Rows answered from memory: only as long as nobody has changed the database, in whichever process."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import apsw
import pytest

from bffs.kit.tests.sql_items import SCHEMA, add
from portico.sql import Database, Migration, MigrationError, SqliteDatabase, Statement, StoreUnavailable, open_database
from portico.sql.sqlite_migrations import migrate

ALL = "SELECT id, name FROM item ORDER BY id"
ELSEWHERE = """
import sys, apsw
apsw.Connection(sys.argv[1]).execute("INSERT INTO item (id, name, weight) VALUES (2, 'b', 1)")
"""
LOCKED = """
import fcntl, sys
with open(f"{sys.argv[1]}-shm", "r+b") as index:
    try:
        fcntl.lockf(index, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 128)  # who gets this empties the index: nobody else has it
    except OSError:
        print("in use")
"""


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await open_database(database_url, migrations=[SCHEMA])
    yield database
    await database.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "items.db"


@pytest.fixture
async def file(path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqliteDatabase]:
    monkeypatch.setattr("portico.sql.writer._IDLE", 3600)  # folding its log changes a file, too
    database = await SqliteDatabase.open(path, migrations=[SCHEMA])
    yield database
    await database.close()


async def test_every_acknowledged_write_is_recalled_at_once(database: Database) -> None:
    for n in range(20):
        await database.write([add(n, f"n{n}")])
        for _ in range(2):
            assert len(await database.recall(ALL)) == n + 1
    await database.write([Statement("DELETE FROM item WHERE id = $1", (0,))])
    assert await database.recall("SELECT name FROM item WHERE id = $1", (0,)) == []


async def test_what_is_recalled_may_be_changed_by_who_asked(database: Database) -> None:
    await database.write([add(1, "a")])
    (await database.recall(ALL)).clear()
    assert await database.recall(ALL) == [(1, "a")]


async def test_nothing_is_asked_of_the_file_while_it_is_unchanged(file: SqliteDatabase) -> None:
    await file.write([add(1, "a")])
    asked = statements(file)
    for _ in range(3):
        assert await file.recall(ALL) == [(1, "a")]
        assert await file.recall("SELECT name FROM item WHERE id = $1", (1,)) == [("a",)]
    assert len(asked) == 2


async def test_what_another_process_writes_is_recalled_at_once(file: SqliteDatabase, path: Path) -> None:
    await file.write([add(1, "a")])
    assert await file.recall(ALL) == [(1, "a")]
    await elsewhere(ELSEWHERE, path)
    assert await file.recall(ALL) == [(1, "a"), (2, "b")]


async def test_a_log_that_is_folded_and_begun_again_is_noticed(file: SqliteDatabase) -> None:
    for n in range(3):
        await file.write([add(n, f"n{n}")])
        assert len(await file.recall(ALL)) == n + 1
        file._writer.committer.connection.wal_checkpoint(mode=3)  # truncates the log: the next write is its first again
        assert len(await file.recall(ALL)) == n + 1


async def test_a_closed_store_recalls_nothing(file: SqliteDatabase) -> None:
    await file.recall(ALL)
    await file.close()
    with pytest.raises(StoreUnavailable):
        await file.recall(ALL)


async def test_closing_one_of_two_on_a_file_leaves_the_locks_of_the_other(file: SqliteDatabase, path: Path) -> None:
    second = await SqliteDatabase.open(path)
    await second.recall(ALL)
    await second.close()
    assert await elsewhere(LOCKED, path) == "in use"
    await file.write([add(1, "a")])
    assert await file.recall(ALL) == [(1, "a")]


@pytest.fixture
async def closing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One on the file, which is closed while the next is opened."""
    first = await SqliteDatabase.open(path, migrations=[SCHEMA])

    def migrate_late(connection: apsw.Connection, migrations: Sequence[Migration]) -> None:
        asyncio.run(first.close())
        migrate(connection, migrations)

    monkeypatch.setattr("portico.sql.sqlite.migrate", migrate_late)


@pytest.mark.usefixtures("closing")
async def test_closing_one_while_another_is_opened_leaves_the_locks_of_the_other(path: Path) -> None:
    second = await SqliteDatabase.open(path, migrations=[SCHEMA])
    try:
        assert await elsewhere(LOCKED, path) == "in use"
    finally:
        await second.close()
    assert not open_below(path)


@pytest.mark.usefixtures("closing")
async def test_one_that_does_not_open_leaves_no_file_open_of_one_that_was_closed_meanwhile(path: Path) -> None:
    with pytest.raises(MigrationError):
        await SqliteDatabase.open(path, migrations=[Migration("0001", "CHANGED")])
    assert not open_below(path)


async def test_an_index_beside_a_symbolic_link_is_not_taken_for_the_files(file: SqliteDatabase, path: Path) -> None:
    await file.write([add(1, "a")])
    link = path.with_name("link.db")
    link.symlink_to(path)
    path.with_name("link.db-shm").write_bytes(bytes(1 << 15))  # left from before the file was moved
    linked = await SqliteDatabase.open(link)
    try:
        assert await linked.recall(ALL) == [(1, "a")]
        await file.write([add(2, "b")])
        assert await linked.recall(ALL) == [(1, "a"), (2, "b")]
    finally:
        await linked.close()


async def test_without_an_index_every_answer_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portico.sql.wal_index.mmap.mmap", no_maps)
    database = await SqliteDatabase.open(path, migrations=[SCHEMA])
    try:
        asked = statements(database)
        for n in range(3):
            await database.write([add(n, f"n{n}")])
            assert len(await database.recall(ALL)) == n + 1
        assert len(asked) == 3
    finally:
        await database.close()


def no_maps(*_of: object, **_how: object) -> None:
    raise OSError("no such maps here")


async def test_what_is_remembered_is_bounded(file: SqliteDatabase) -> None:
    for n in range(10_000):
        await file.recall("SELECT name FROM item WHERE id = $1", (n,))
    assert len(file._memory[1]) <= 4096


def test_a_store_that_is_closed_leaves_no_file_open(path: Path) -> None:
    async def used() -> None:
        database = await SqliteDatabase.open(path, migrations=[SCHEMA])
        await database.recall(ALL)
        await database.close()

    asyncio.run(used())
    assert not open_below(path)


def open_below(path: Path) -> list[str]:
    """The files of this process whose names begin with the path."""
    names = []
    for entry in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the one that lists the folder
            names.append(str(entry.readlink()))
    return [name for name in names if name.startswith(str(path))]


def statements(file: SqliteDatabase) -> list[str]:
    """What is asked of the file from now on."""
    asked: list[str] = []

    def note(_cursor: object, sql: str, _params: object) -> bool:
        asked.append(sql)
        return True

    file._reader.exec_trace = note
    return asked


async def elsewhere(program: str, path: Path) -> str:
    """Run a program in a process of its own; what it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(path)), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return said.decode().strip()

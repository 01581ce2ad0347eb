"""What the SQLite adapter adds: its file, its log, its locks, and what a disk does to it."""

import asyncio
import contextlib
import resource
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import apsw
import pytest

from bffs.kit.tests.sql_items import SCHEMA, add, names
from bffs.kit.tests.store_world import eventually
from portico.sql import (
    SqliteDatabase,
    Statement,
    StoreUnavailable,
    UniqueViolation,
    UnsupportedUrl,
    open_database,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "test.db"


@pytest.fixture
async def database(path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqliteDatabase]:
    monkeypatch.setattr("portico.sql.writer._IDLE", 3600)  # the log stays as it is, however slow a test is
    database = await SqliteDatabase.open(path, migrations=[SCHEMA])
    yield database
    await database.close()


async def test_a_group_that_ends_the_whole_transaction_takes_no_other_with_it(database: SqliteDatabase) -> None:
    await database.write([add(100, "taken")])
    groups = [[add(n, f"n{n}")] for n in range(9)]
    groups[4] = [Statement("INSERT OR ROLLBACK INTO item (id, name) VALUES (100, 'b')")]
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [UniqueViolation]
    assert await names(database) == [*(f"n{n}" for n in range(9) if n != 4), "taken"]


@pytest.mark.parametrize("bad", [False, True])
async def test_groups_of_many_writers_share_commits_also_with_a_bad_one(
    database: SqliteDatabase, path: Path, *, bad: bool
) -> None:
    # The write-ahead log holds one page image of the small table per commit: far fewer than one per group.
    await database.write([add(0, "first")])
    groups = [[add(n, f"n{n}")] for n in range(1, 301)]
    groups[150:150] = [[add(0, "taken")]] * bad
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    assert sum(isinstance(answer, UniqueViolation) for answer in answers) == bad
    pages = path.with_name(path.name + "-wal").stat().st_size / 4120
    assert pages < 300


async def test_closing_leaves_one_file_and_no_log(database: SqliteDatabase, path: Path) -> None:
    await database.write([add(1, "a")])
    await database.close()
    assert [file.name for file in path.parent.iterdir()] == ["test.db"]


async def test_a_log_is_folded_into_the_file_when_idle(
    database: SqliteDatabase, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = path.with_name(path.name + "-wal")
    await database.write([add(1, "a")])
    assert log.stat().st_size > 0
    monkeypatch.setattr("portico.sql.writer._IDLE", 0.05)  # of the pause after the next write
    await database.write([add(2, "b")])
    await eventually(lambda: log.stat().st_size == 0)
    await database.write([add(3, "c")])
    assert await names(database) == ["a", "b", "c"]


async def test_a_full_disk_acknowledges_nothing_and_leaves_the_store_usable(database: SqliteDatabase) -> None:
    await database.write([add(0, "first")])
    pages = await database.read("SELECT page_count FROM pragma_page_count()")
    connection = database._writer.committer.connection
    connection.pragma("max_page_count", pages[0][0])
    big = "x" * 300_000
    answers = await asyncio.gather(
        *(database.write([add(n, f"{n}{big}")]) for n in range(1, 6)), return_exceptions=True
    )
    assert [getattr(answer, "reason", None) for answer in answers] == ["full"] * 5
    connection.pragma("max_page_count", 1_000_000)
    await database.write([add(9, "after")])
    assert await names(database) == ["first", "after"]


async def test_a_commit_that_fails_fails_every_group_in_it(database: SqliteDatabase) -> None:
    connection = database._writer.committer.connection
    connection.set_commit_hook(lambda: True)  # turns COMMIT into a rollback, as a failing disk does
    answers = await asyncio.gather(*(database.write([add(n, f"n{n}")]) for n in range(5)), return_exceptions=True)
    assert all(isinstance(answer, Exception) for answer in answers)
    connection.set_commit_hook(None)
    await database.write([add(9, "after")])
    assert await names(database) == ["after"]


async def test_a_commit_that_the_disk_refuses_fails_every_group_in_it(database: SqliteDatabase, path: Path) -> None:
    await database.write([add(0, "first")])
    with no_file_may_grow_beyond(path.with_name(path.name + "-wal").stat().st_size):
        answers = await asyncio.gather(
            *(database.write([add(n, f"n{n}")]) for n in range(1, 5)), return_exceptions=True
        )
    assert [getattr(answer, "reason", answer) for answer in answers] == ["io"] * 4
    assert await names(database) == ["first"]
    await database.write([add(9, "after")])
    assert await names(database) == ["first", "after"]


@contextlib.contextmanager
def no_file_may_grow_beyond(size: int) -> Iterator[None]:
    """Let the kernel refuse what this process writes beyond `size` bytes of any file: pages go out with the COMMIT."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_a_broken_connection_is_replaced(database: SqliteDatabase) -> None:
    await database.write([add(1, "a")])
    database._writer.committer.connection.close(True)
    with pytest.raises(StoreUnavailable) as caught:
        await database.write([add(2, "b")])
    assert caught.value.reason == "io"
    await database.write([add(3, "c")])
    assert await names(database) == ["a", "c"]


async def test_foreign_keys_full_sync_and_write_ahead_log_are_on(database: SqliteDatabase) -> None:
    connection = database._writer.committer.connection
    assert connection.pragma("foreign_keys") == 1
    assert connection.pragma("synchronous") == 2
    assert connection.pragma("journal_mode") == "wal"


async def test_a_new_file_is_its_owners_alone(database: SqliteDatabase, path: Path) -> None:
    await database.write([add(1, "a")])
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


async def test_what_is_no_database_is_refused() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await SqliteDatabase.open(Path(__file__))
    assert caught.value.reason == "corrupt"


async def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable):
        await SqliteDatabase.open(tmp_path / "file" / "x.db")


async def test_a_lock_held_too_long_is_busy_and_not_acknowledged(path: Path) -> None:
    database = await SqliteDatabase.open(path, migrations=[SCHEMA], busy_timeout=0.1)
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable) as caught:
        await database.write([add(1, "a")])
    assert caught.value.reason == "busy"
    other.execute("ROLLBACK")
    other.close()
    await database.write([add(2, "b")])
    assert await names(database) == ["b"]
    await database.close()


async def test_a_write_waits_for_a_lock_that_is_let_go(database: SqliteDatabase, path: Path) -> None:
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE; INSERT INTO item (id, name) VALUES (1, 'theirs')")
    waiting = asyncio.ensure_future(database.write([add(2, "ours")]))
    assert await asyncio.wait({waiting}, timeout=0.05) == (set(), {waiting})
    assert await names(database) == []
    other.execute("COMMIT")
    other.close()
    await waiting
    assert await names(database) == ["theirs", "ours"]


async def test_a_database_opens_by_url(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/a%20b.db", migrations=[SCHEMA])
    await database.write([add(1, "a")])
    await database.close()
    assert (tmp_path / "a b.db").exists()


@pytest.mark.parametrize(
    "url", ["mysql://u:secret@h/d", "sqlite:///relative.db", "sqlite://", "sqlite:////x.db?mode=ro", "file.db", ""]
)
async def test_other_urls_are_refused_without_telling_their_password(url: str) -> None:
    with pytest.raises(UnsupportedUrl) as caught:
        await open_database(url)
    assert "secret" not in str(caught.value)


async def test_two_event_loops_may_share_a_database(database: SqliteDatabase) -> None:
    async def elsewhere() -> None:
        await database.write([add(2, "theirs")])
        assert "theirs" in await names(database)

    await asyncio.gather(database.write([add(1, "ours")]), asyncio.to_thread(asyncio.run, elsewhere()))
    assert await names(database) == ["ours", "theirs"]

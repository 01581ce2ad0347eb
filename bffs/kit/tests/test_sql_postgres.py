"""What the PostgreSQL adapter adds: lost connections, locks, settings, and URLs that must not tell their password."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg  # type: ignore[import-untyped]
import msgspec
import pytest

from bffs.kit.tests.sql_items import SCHEMA, add, names
from portico.sql import (
    InvalidText,
    Migration,
    MigrationError,
    Statement,
    StoreUnavailable,
    UniqueViolation,
    UnsupportedUrl,
    open_database,
)
from portico.sql.postgres import PostgresDatabase
from portico.sql.postgres_migrations import WRITE_LOCK, as_postgres
from tools.postgres import PostgresServer, postgres

OTHERS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> $1"


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    database = await PostgresDatabase.open(postgres_url, migrations=[SCHEMA])
    yield database
    await database.close()


@pytest.fixture(scope="module")
def own_server() -> Iterator[PostgresServer]:
    """A server that a test may stop."""
    with postgres() as server:
        yield server


async def test_connections_that_died_while_idle_are_replaced_unnoticed(
    database: PostgresDatabase, postgres_url: str
) -> None:
    await database.write([add(1, "a")])
    await asyncio.gather(*(names(database) for _ in range(20)))
    operator = await asyncpg.connect(postgres_url)
    ended = await operator.fetch(OTHERS, operator.get_server_pid())
    await operator.close()
    assert len(ended) > 1
    assert await names(database) == ["a"]
    await database.write([add(2, "b")])
    assert await asyncio.gather(*(names(database) for _ in range(20))) == [["a", "b"]] * 20


async def test_a_connection_that_dies_in_a_transaction_fails_its_groups_and_is_replaced(
    database: PostgresDatabase, postgres_url: str
) -> None:
    operator = await asyncpg.connect(postgres_url)
    async with operator.transaction():
        await operator.execute(WRITE_LOCK)
        writing = [asyncio.ensure_future(database.write([add(n, f"n{n}")])) for n in range(3)]
        await until_somebody_waits(operator)
        await operator.fetch(f"{OTHERS} AND wait_event_type = 'Lock'", operator.get_server_pid())
        # The first attempt had sent nothing but its wish for the lock: it is made again on another connection.
        await until_somebody_waits(operator)
    assert await asyncio.gather(*writing) == [[[]]] * 3
    await operator.execute(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';"
        "CREATE TRIGGER die BEFORE INSERT ON part EXECUTE FUNCTION die()"
    )
    deadly = Statement("INSERT INTO part (id, item) VALUES (1, 1)")
    answers = await asyncio.gather(
        database.write([add(7, "x")]), database.write([add(8, "y"), deadly]), return_exceptions=True
    )
    assert [getattr(answer, "reason", answer) for answer in answers] == ["io", "io"]
    await database.write([add(9, "after")])
    assert await names(database) == ["n0", "n1", "n2", "after"]
    await operator.close()


async def test_a_server_that_stops_and_comes_back(own_server: PostgresServer) -> None:
    url = own_server.create()
    database = await PostgresDatabase.open(url, migrations=[SCHEMA])
    await database.write([add(1, "a")])
    own_server.control("-m", "fast", "stop")
    with pytest.raises(StoreUnavailable) as reading:
        await names(database)
    with pytest.raises(StoreUnavailable) as writing:
        await database.write([add(2, "b")])
    with pytest.raises(StoreUnavailable):
        await open_database(url)
    assert (reading.value.reason, writing.value.reason) == ("io", "io")
    own_server.control("start")
    await database.write([add(3, "c")])
    assert await names(database) == ["a", "c"]
    await database.close()


async def test_a_lock_held_too_long_is_busy_and_not_acknowledged(postgres_url: str) -> None:
    database = await PostgresDatabase.open(postgres_url, migrations=[SCHEMA], busy_timeout=0.1)
    other = await asyncpg.connect(postgres_url)
    async with other.transaction():
        await other.execute(WRITE_LOCK)
        with pytest.raises(StoreUnavailable) as caught:
            await database.write([add(1, "a")])
    assert caught.value.reason == "busy"
    await database.write([add(2, "b")])
    assert await names(database) == ["b"]
    await other.close()
    await database.close()


async def test_groups_of_many_writers_share_commits(database: PostgresDatabase) -> None:
    await asyncio.gather(*(database.write([add(n, f"n{n}")]) for n in range(300)))
    ((rows, commits),) = await database.read("SELECT count(*), count(DISTINCT CAST(xmin AS TEXT)) FROM item")
    assert rows == 300
    assert msgspec.convert(commits, int) < 20


async def test_connections_are_set_up_so_that_commits_last_and_locks_end(database: PostgresDatabase) -> None:
    settings = (
        "synchronous_commit",
        "idle_in_transaction_session_timeout",
        "lock_timeout",
        "default_transaction_read_only",
    )
    asked = ", ".join(f"current_setting('{name}')" for name in settings)
    assert await database.write([Statement(f"SELECT {asked}")]) == [[("on", "20s", "10s", "off")]]
    assert (await database.read("SELECT current_setting('default_transaction_read_only')")) == [("on",)]


async def test_unique_violations_name_columns_that_need_quotes(postgres_url: str) -> None:
    schema = Migration("1", 'CREATE TABLE odd ("Two Words" TEXT, "Order" TEXT, UNIQUE ("Two Words", "Order"))')
    database = await open_database(postgres_url, migrations=[schema])
    insert = Statement("INSERT INTO odd VALUES ('a=(', 'b')")
    await database.write([insert])
    with pytest.raises(UniqueViolation) as caught:
        await database.write([insert])
    assert (caught.value.table, caught.value.columns) == ("odd", ("Two Words", "Order"))
    await database.close()


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://someone:secret@127.0.0.1:1/database", StoreUnavailable),
        ("postgresql://someone:secret@[::1/database", UnsupportedUrl),
        ("postgresql://someone:secret@127.0.0.1:port/database", UnsupportedUrl),
        ("postgresql://someone:secret@127.0.0.1/database?sslmode=secret", UnsupportedUrl),
        ("postgres://someone:secret@nowhere.invalid/database", StoreUnavailable),
    ],
)
async def test_a_url_that_leads_nowhere_is_refused_without_telling_its_password(
    url: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught:
        await open_database(url)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_text_with_a_zero_in_it_cannot_be_stored(database: PostgresDatabase) -> None:
    with pytest.raises(InvalidText):
        await database.read("SELECT id FROM item WHERE name = $1", ("a\0b",))
    good, bad = await asyncio.gather(
        database.write([add(1, "a")]), database.write([add(2, "a\0b")]), return_exceptions=True
    )
    assert (good, type(bad)) == ([[]], InvalidText)


async def test_a_database_that_is_not_there_is_unavailable(postgres_server: PostgresServer) -> None:
    with pytest.raises(StoreUnavailable, match="nowhere"):
        await open_database(f"postgresql://postgres@/nowhere?host={postgres_server.folder}")


def test_types_are_named_as_postgresql_has_them_and_nothing_else_changes() -> None:
    script = """CREATE TABLE "blob" (a BLOB, b integer, c Real, d TEXT DEFAULT 'BLOB; COMMIT'); -- REAL
    CREATE INDEX i ON "blob" (a) /* INTEGER */"""
    assert as_postgres(Migration("1", script)) == (
        """CREATE TABLE "blob" (a BYTEA, b BIGINT, c DOUBLE PRECISION, d TEXT DEFAULT 'BLOB; COMMIT'); -- REAL
    CREATE INDEX i ON "blob" (a) /* INTEGER */"""
    )


async def test_a_script_that_only_sqlite_reads_is_a_migration_error(postgres_url: str) -> None:
    with pytest.raises(MigrationError, match="VIRTUAL"):
        await open_database(postgres_url, migrations=[Migration("1", "CREATE VIRTUAL TABLE a USING fts5(b)")])


def test_what_sqlite_says_of_tables_is_left_out_and_its_counting_keys_are_identities() -> None:
    script = (
        "CREATE TABLE a (seq INTEGER PRIMARY KEY AUTOINCREMENT, strictly TEXT) STRICT, WITHOUT ROWID; SELECT ' STRICT'"
    )
    assert as_postgres(Migration("1", script)) == (
        "CREATE TABLE a (seq BIGINT PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, strictly TEXT); SELECT ' STRICT'"
    )


async def test_a_text_of_its_own_is_what_counts_and_may_not_change(postgres_url: str) -> None:
    own = "CREATE FUNCTION one() RETURNS BIGINT LANGUAGE plpgsql AS $$ BEGIN RETURN 1; END $$"
    database = await open_database(postgres_url, migrations=[Migration("1", "SELECT 1", own)])
    try:
        assert await database.read("SELECT one()") == [(1,)]
    finally:
        await database.close()
    await (await open_database(postgres_url, migrations=[Migration("1", "SELECT 2", own)])).close()
    with pytest.raises(MigrationError, match="changed"):
        await open_database(postgres_url, migrations=[Migration("1", "SELECT 1", own + " STRICT")])


async def until_somebody_waits(operator: asyncpg.Connection) -> None:
    """Ask until a connection waits for the write lock; each question takes a round trip, and the test has a limit."""
    asked = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    while not await operator.fetchval(asked):
        pass

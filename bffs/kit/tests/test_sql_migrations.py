"""Migrations: ordered, once, all or nothing, and safe when processes start together."""

import asyncio
import sys

import pytest

from portico.sql import Database, Migration, MigrationError, SqliteDatabase, StatementError, open_database
from portico.sql.postgres import PostgresDatabase
from portico.sql.url import is_postgres, sqlite_path

LOG = "CREATE TABLE log (step TEXT, n INTEGER)"
A = Migration("a", f"CREATE TABLE a (id INTEGER); {LOG}; INSERT INTO log SELECT 'a', count(*) FROM log")
B = Migration("b", "INSERT INTO log SELECT 'b', count(*) FROM log")
C = Migration("c", "INSERT INTO log SELECT 'c', count(*) FROM log")


async def steps(url: str, *migrations: Migration) -> list[object]:
    database = await open_database(url, migrations=migrations)
    try:
        return [row[0] for row in await database.read("SELECT step FROM log ORDER BY n")]
    finally:
        await database.close()


async def test_steps_run_once_in_the_order_given(database_url: str) -> None:
    assert await steps(database_url, A, C) == ["a", "c"]
    assert await steps(database_url, A, C) == ["a", "c"]
    assert await steps(database_url, A, B, C) == ["a", "c", "b"]


async def test_steps_of_a_newer_version_are_left_alone(database_url: str) -> None:
    assert await steps(database_url, A, B, C) == ["a", "b", "c"]
    assert await steps(database_url, A) == ["a", "b", "c"]


async def test_a_failing_step_undoes_the_steps_before_it(database_url: str) -> None:
    bad = Migration("bad", "INSERT INTO log SELECT 'bad', count(*) FROM log; INSERT INTO nowhere VALUES (1)")
    with pytest.raises(MigrationError, match="nowhere") as caught:
        await steps(database_url, A, B, bad)
    assert caught.value.migration == "bad"
    assert await steps(database_url, A) == ["a"]


async def test_a_script_changed_after_it_ran_is_refused(database_url: str) -> None:
    await steps(database_url, A)
    with pytest.raises(MigrationError, match="changed"):
        await steps(database_url, Migration("a", A.script + " "), B)
    assert await steps(database_url, A) == ["a"]


@pytest.mark.parametrize("word", ["COMMIT", "ROLLBACK", "SAVEPOINT x", "BEGIN"])
async def test_a_script_cannot_end_its_transaction(database_url: str, word: str) -> None:
    with pytest.raises(MigrationError, match="not authorized"):
        await steps(database_url, A, Migration("sly", f"INSERT INTO log SELECT 'sly', count(*) FROM log; {word}"))
    assert await steps(database_url, A) == ["a"]


async def test_an_id_used_twice_is_refused(database_url: str) -> None:
    with pytest.raises(MigrationError, match="twice"):
        await steps(database_url, A, B, B)


async def test_processes_that_start_together_apply_each_step_once(database_url: str) -> None:
    script = """
import asyncio, sys
from portico.sql import Migration, open_database
async def main():
    sys.stdin.readline()
    steps = [Migration("0", "CREATE TABLE log (step TEXT)")]
    steps += [Migration(str(n), f"INSERT INTO log VALUES ('{n}')") for n in range(1, 6)]
    database = await open_database(sys.argv[1], migrations=steps)
    print([step for (step,) in await database.read("SELECT step FROM log ORDER BY step")])
    await database.close()
asyncio.run(main())
"""
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, database_url, stdin=pipe, stdout=pipe, stderr=pipe
        )
        for _ in range(4)
    ]
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    assert [(out.strip(), err) for out, err in answers] == [(b"['1', '2', '3', '4', '5']", b"")] * 4


BIG = Migration(
    "big",
    "CREATE TABLE big (n INTEGER, words TEXT);"
    " INSERT INTO big WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100000)"
    " SELECT n, 'some words' FROM c",
)
WIDER = Migration(
    "wider",
    "ALTER TABLE big ADD COLUMN length INTEGER; UPDATE big SET length = length(words);"
    " CREATE INDEX big_by_length ON big (length, n)",
)


async def opened(url: str, *migrations: Migration) -> Database:
    """Open it with next to no patience for the locks of others."""
    if is_postgres(url):
        return await PostgresDatabase.open(url, migrations=migrations, busy_timeout=0.02)
    return await SqliteDatabase.open(sqlite_path(url), migrations=migrations, busy_timeout=0.02)


async def test_who_starts_while_a_big_table_is_changed_waits_for_it_to_be_done(database_url: str) -> None:
    before = await opened(database_url, BIG)  # stays open: with nobody there, whoever comes first recovers the log
    databases = await asyncio.gather(*(opened(database_url, BIG, WIDER) for _ in range(3)))
    for database in databases:
        assert await database.read("SELECT count(*), min(length) FROM big") == [(100_000, 10)]
        await database.close()
    await before.close()


async def test_a_big_table_is_as_it_was_when_a_later_step_fails(database_url: str) -> None:
    bad = Migration("bad", "CREATE UNIQUE INDEX big_by_words ON big (words)")
    await (await opened(database_url, BIG)).close()
    with pytest.raises(MigrationError):
        await opened(database_url, BIG, WIDER, bad)
    database = await opened(database_url, BIG)
    assert await database.read("SELECT count(*) FROM big") == [(100_000,)]
    with pytest.raises(StatementError):
        await database.read("SELECT length FROM big")
    await database.close()

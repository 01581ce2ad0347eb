"""Settings of single transactions: row-level security sees who asks, and nobody sees who asked before."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from portico.sql import ExpectationFailed, InvalidText, Migration, SqlError, Statement
from portico.sql.postgres import PostgresDatabase

SCHEMA = Migration("0001", "CREATE TABLE told (n INTEGER PRIMARY KEY, who TEXT, place TEXT)")
WHO = "SELECT coalesce(current_setting('shop.who', true), ''), coalesce(current_setting('shop.place', true), '')"
TELL = "INSERT INTO told VALUES ($1, current_setting('shop.who', true), current_setting('shop.place', true))"
PEOPLE = ["ada", "bob", "O'Brien", "'); DROP TABLE told; --", "\\x41", "$1", "\U0001f355", ""]


@pytest.fixture
async def database(postgres_url: str) -> AsyncIterator[PostgresDatabase]:
    database = await PostgresDatabase.open(postgres_url, migrations=[SCHEMA], readers=2)
    yield database
    await database.close()


@pytest.mark.parametrize("who", PEOPLE)
async def test_a_read_knows_who_asks_and_the_next_does_not(database: PostgresDatabase, who: str) -> None:
    assert await database.under({"shop.who": who, "shop.place": "here"}).read(WHO) == [(who, "here")]
    for _ in range(4):  # more than there are connections
        assert await database.read(WHO) == [("", "")]
        assert await database.under({"shop.who": "else"}).read(WHO) == [("else", "")]


async def test_many_that_read_at_once_are_not_mixed_up(database: PostgresDatabase) -> None:
    seen = await asyncio.gather(
        *(database.under({"shop.who": f"p{n}", "shop.place": str(n)}).read(WHO) for n in range(60)),
        *(database.read(WHO) for _ in range(20)),
    )
    assert seen[:60] == [[(f"p{n}", str(n))] for n in range(60)]
    assert {bool(row[0]) for rows in seen[60:] for row in rows} == {False}


async def test_groups_of_one_commit_are_not_mixed_up_whoever_of_them_fails(database: PostgresDatabase) -> None:
    def group(n: int) -> list[Statement]:
        statements = [Statement(TELL, (n,))]
        return [*statements, Statement("UPDATE told SET n = n WHERE n = -1", expect=1)] if n % 5 == 0 else statements

    def write(n: int) -> asyncio.Future[object]:
        by = database if n % 3 == 0 else database.under({"shop.who": f"p{n}"} if n % 2 else {"shop.place": f"at{n}"})
        return asyncio.ensure_future(by.write(group(n)))

    done = await asyncio.gather(*(write(n) for n in range(60)), return_exceptions=True)
    assert [isinstance(one, ExpectationFailed) for one in done] == [n % 5 == 0 for n in range(60)]
    rows = await database.read("SELECT n, coalesce(who, ''), coalesce(place, '') FROM told ORDER BY n")
    assert rows == [
        (n, f"p{n}" if n % 3 and n % 2 else "", f"at{n}" if n % 3 and not n % 2 else "") for n in range(60) if n % 5
    ]


async def test_the_index_of_a_failed_statement_is_the_callers(database: PostgresDatabase) -> None:
    with pytest.raises(ExpectationFailed) as caught:
        await database.under({"shop.who": "ada"}).write([
            Statement(TELL, (1,)), Statement("DELETE FROM told WHERE n = 9", expect=1),
        ])  # fmt: skip
    assert caught.value.index == 1


@pytest.mark.parametrize("who", ["a\0b", "\ud800"])
async def test_what_is_no_text_is_nobody(database: PostgresDatabase, who: str) -> None:
    with pytest.raises(InvalidText):
        await database.under({"shop.who": who}).read(WHO)
    with pytest.raises(InvalidText):
        await database.under({"shop.who": who}).write([Statement(TELL, (1,))])
    assert await database.read("SELECT count(*) FROM told") == [(0,)]


async def test_a_read_that_fails_or_is_given_up_leaves_its_connection_clean(database: PostgresDatabase) -> None:
    ada = database.under({"shop.who": "ada"})
    for _ in range(4):
        with pytest.raises(SqlError):
            await ada.read("SELECT 1 / 0")
        asking = asyncio.create_task(ada.read("SELECT pg_sleep(60)"))
        await ada.read("SELECT 1")
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert await database.read(WHO) == [("", "")]
    with pytest.raises(SqlError):
        await ada.read("INSERT INTO told VALUES (1, '', '') RETURNING n")

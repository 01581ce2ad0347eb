"""Rows that many writers add to the same tables go in together, and still stand or fall with their own group."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bffs.kit.tests.sql_items import SCHEMA, add, names
from portico.sql import SqliteDatabase, Statement, StoreUnavailable, UniqueViolation, insertions
from portico.sql.statement import Value

_ITEM = ("id", "name")
_PART = ("id", "item", "must")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    database = await SqliteDatabase.open(tmp_path / "test.db", migrations=[SCHEMA])
    yield database
    await database.close()


def _item(id_: int, name: str) -> list[Statement]:
    return insertions("item", _ITEM, [(id_, name)])


def _with_part(id_: int, name: str) -> list[Statement]:
    return [*_item(id_, name), *insertions("part", _PART, [(id_, id_, id_)])]


def _spied(database: SqliteDatabase) -> list[str]:
    ran: list[str] = []

    def trace(_cursor: object, sql: str, _bindings: object) -> bool:
        ran.append(sql)
        return True

    database._writer.committer.connection.exec_trace = trace
    return ran


async def _all(database: SqliteDatabase, groups: Sequence[Sequence[Statement]]) -> list[object]:
    return list(await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True))


async def test_rows_of_one_table_go_in_with_few_statements(database: SqliteDatabase) -> None:
    ran = _spied(database)
    answers = await _all(database, [_with_part(n, f"n{n}") for n in range(16)])
    assert answers == [[[], []]] * 16
    assert await names(database) == [f"n{n}" for n in range(16)]
    assert len(await database.read("SELECT 1 FROM part")) == 16
    assert [sql.split(" ")[0] for sql in ran] == ["BEGIN", *["INSERT"] * 4, "COMMIT"]


async def test_what_one_turn_of_the_loop_writes_is_committed_together_in_its_order(database: SqliteDatabase) -> None:
    ran = _spied(database)
    for _ in range(2):
        await _all(database, [[add(n, f"n{n}")] for n in range(3)])
        await _all(database, [[Statement("DELETE FROM item")]])
    assert ran.count("COMMIT") == 4


@pytest.mark.parametrize("place", [0, 7, 15])
async def test_a_bad_group_fails_alone_and_whole(database: SqliteDatabase, place: int) -> None:
    await database.write([add(100, "taken")])
    groups = [_with_part(n, f"n{n}") for n in range(16)]
    groups[place] = [*_item(50, "fifty"), *_item(100, "again")]
    answers = await _all(database, groups)
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [UniqueViolation]
    assert isinstance(answers[place], UniqueViolation)
    assert await names(database) == [*(f"n{n}" for n in range(16) if n != place), "taken"]


async def test_two_groups_that_exclude_each_other_leave_the_first(database: SqliteDatabase) -> None:
    answers = await _all(database, [_item(1, "one"), _item(2, "two"), _item(1, "another")])
    assert [type(answer) for answer in answers] == [list, list, UniqueViolation]
    assert await names(database) == ["one", "two"]


async def test_a_group_that_does_more_than_add_rows_sees_those_before_it(database: SqliteDatabase) -> None:
    groups = [_item(1, "one"), [Statement("UPDATE item SET name = 'first' WHERE id = 1", expect=1)], _item(2, "two")]
    assert await _all(database, groups) == [[[]], [[]], [[]]]
    assert await names(database) == ["first", "two"]


async def test_rows_that_another_table_wants_first_get_in_all_the_same(database: SqliteDatabase) -> None:
    # Together, the parts would come before the second group's item, which they must not.
    await database.write(_item(1, "one"))
    first = insertions("part", _PART, [(1, 1, 1)])
    assert await _all(database, [[*first, *_item(3, "three")], _with_part(2, "two")]) == [[[], []]] * 2


async def test_wrong_numbers_of_values_fail_their_own_group(database: SqliteDatabase) -> None:
    text = _item(1, "one")[0].sql
    wrong: tuple[Value, ...] = (2,)
    answers = await _all(database, [_item(1, "one"), [Statement(text, wrong)], _item(3, "three")])
    assert [isinstance(answer, Exception) for answer in answers] == [False, True, False]
    assert await names(database) == ["one", "three"]


async def test_what_was_asked_before_closing_is_finished_and_after_it_refused(tmp_path: Path) -> None:
    database = await SqliteDatabase.open(tmp_path / "closing.db", migrations=[SCHEMA])
    writing = asyncio.create_task(database.write(_item(1, "one")))
    await asyncio.sleep(0)  # it asked; the loop has not handed it over yet
    await database.close()
    assert await writing == [[]]
    with pytest.raises(StoreUnavailable, match="closed"):
        await database.write(_item(2, "two"))

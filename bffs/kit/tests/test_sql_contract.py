"""What every database does: atomic groups, group commit, reads, closing. One suite over SQLite and PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bffs.kit.tests.sql_items import KINDS, SCHEMA, add, names
from portico.sql import (
    ConstraintViolation,
    Database,
    ExpectationFailed,
    InvalidText,
    Migration,
    Statement,
    StatementError,
    StoreUnavailable,
    UniqueViolation,
    open_database,
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await open_database(database_url, migrations=[SCHEMA, KINDS])
    yield database
    await database.close()


async def test_a_written_group_is_read_back_with_its_types(database: Database) -> None:
    rows: list[tuple[str | None, bytes | None, int | None, float | None, int | None]] = [
        ("ä'\\$1", b"\x00\xff", 2**63 - 1, 0.1 + 0.2, -(2**63)),
        (None, None, None, None, None),
        ("", b"", 0, -1e300, 1),
    ]
    insert = "INSERT INTO kinds (t, b, i, r, n) VALUES ($1, $2, $3, $4, $5)"
    await database.write([Statement(insert, row) for row in rows])
    found = await database.read("SELECT t, b, i, r, n FROM kinds")
    assert found == rows
    assert [[type(value) for value in row] for row in found] == [[type(value) for value in row] for row in rows]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("count(*)", 2),
        ("sum(n)", 2**62 + 2),
        ("max(i)", 1),
        ("sum(r)", 0.75),
        ("count(*) > 1", 1),
        ("count(*) > 5", 0),
        ("length(min(b))", 1),
    ],
)
async def test_what_is_computed_has_the_same_types_everywhere(
    database: Database, expression: str, value: object
) -> None:
    insert = "INSERT INTO kinds (b, i, r, n) VALUES ($1, $2, $3, $4)"
    await database.write([Statement(insert, (b"x", 1, 0.25, 2)), Statement(insert, (b"y", 0, 0.5, 2**62))])
    ((found,),) = await database.read(f"SELECT {expression} FROM kinds")
    assert (found, type(found)) == (value, type(value))


async def test_a_parameter_may_be_used_twice_and_out_of_order(database: Database) -> None:
    await database.write([Statement("INSERT INTO kinds (t, i, n) VALUES ($2, $1, $1)", (5, "five"))])
    assert await database.read("SELECT t, i, n FROM kinds WHERE n = $1 AND i = $1", (5,)) == [("five", 5, 5)]


async def test_half_a_surrogate_pair_is_no_text(database: Database) -> None:
    with pytest.raises(InvalidText):
        await database.read("SELECT t FROM kinds WHERE t = $1", ("a\ud800",))
    with pytest.raises(InvalidText):
        await database.write([Statement("INSERT INTO kinds (t) VALUES ($1)", ("a\ud800",))])
    assert await database.read("SELECT count(*) FROM kinds") == [(0,)]


@pytest.mark.parametrize("params", [(), (1, 2)])
async def test_too_few_or_many_parameters_are_refused(database: Database, params: tuple[int, ...]) -> None:
    with pytest.raises(StatementError, match="1 parameters wanted"):
        await database.read("SELECT t FROM kinds WHERE i = $1", params)
    with pytest.raises(StatementError, match="1 parameters wanted"):
        await database.write([Statement("DELETE FROM kinds WHERE i = $1", params)])


async def test_write_returns_the_rows_of_each_statement(database: Database) -> None:
    returning = Statement("UPDATE item SET weight = weight + 1 RETURNING id, weight")
    assert await database.write([add(1, "a"), returning, add(2, "b")]) == [[], [(1, 2)], []]


async def test_an_empty_group_is_nothing(database: Database) -> None:
    assert await database.write([]) == []


async def test_a_failing_statement_undoes_its_whole_group(database: Database) -> None:
    with pytest.raises(UniqueViolation):
        await database.write([add(1, "a", "x"), add(2, "b", "x"), add(3, "a", "x")])
    assert await names(database) == []


async def test_a_bad_group_fails_alone_among_good_ones_of_the_same_commit(database: Database) -> None:
    groups = [[add(n, f"n{n}")] for n in range(20)]
    groups[7] = [add(7, "n7"), add(7, "again")]
    groups[11] = [Statement("INSERT INTO nowhere VALUES (1)")]
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    assert [n for n, answer in enumerate(answers) if isinstance(answer, Exception)] == [7, 11]
    assert isinstance(answers[7], UniqueViolation)
    assert isinstance(answers[11], StatementError)
    assert await names(database) == [f"n{n}" for n in range(20) if n not in {7, 11}]


async def test_a_deferred_constraint_that_fails_the_commit_is_blamed_on_its_group_alone(
    database: Database,
) -> None:
    groups = [[add(n, f"n{n}")] for n in range(5)]
    groups[2] = [Statement("INSERT INTO part (id, item) VALUES (1, 999)")]
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    refused = answers[2]
    assert isinstance(refused, ConstraintViolation)
    assert refused.kind == "foreign-key"
    assert await names(database) == ["n0", "n1", "n3", "n4"]
    assert await database.read("SELECT count(*) FROM part") == [(0,)]


async def test_unique_violations_name_table_and_columns(database: Database) -> None:
    await database.write([add(1, "a", "x")])
    with pytest.raises(UniqueViolation) as by_columns:
        await database.write([Statement("INSERT INTO item (id, name, shelf) VALUES (2, 'a', 'x')")])
    with pytest.raises(UniqueViolation) as by_key:
        await database.write([add(1, "b")])
    with pytest.raises(UniqueViolation) as by_expression:
        await database.write([add(2, "A")])
    assert (by_columns.value.table, by_columns.value.columns) in {("item", ("name", "shelf")), ("", ())}
    assert (by_key.value.table, by_key.value.columns) == ("item", ("id",))
    assert (by_expression.value.table, by_expression.value.columns) == ("", ())


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("INSERT INTO item (id, name, weight) VALUES (2, 'a', -1)", "check"),
        ("INSERT INTO item (id, name) VALUES (2, NULL)", "not-null"),
        ("INSERT INTO part (id, item, must) VALUES (1, 1, 999)", "foreign-key"),
    ],
)
async def test_other_constraints_say_which_kind(database: Database, sql: str, kind: str) -> None:
    await database.write([add(1, "first")])
    with pytest.raises(ConstraintViolation) as caught:
        await database.write([Statement(sql)])
    assert (caught.value.kind, caught.value.code) == (kind, "constraint-violation")


async def test_an_expectation_is_compare_and_set(database: Database) -> None:
    await database.write([add(1, "a")])
    change = Statement("UPDATE item SET weight = weight + 1 WHERE id = $1 AND weight = $2", (1, 1), expect=1)
    await database.write([change])
    with pytest.raises(ExpectationFailed) as caught:
        await database.write([add(2, "b"), change])
    assert (caught.value.index, caught.value.expected, caught.value.actual) == (1, 1, 0)
    assert await names(database) == ["a"]


async def test_an_expectation_of_a_statement_with_rows_counts_the_rows(database: Database) -> None:
    await database.write([add(1, "a"), add(2, "b")])
    await database.write([Statement("SELECT id FROM item", expect=2)])
    with pytest.raises(ExpectationFailed):
        await database.write([Statement("DELETE FROM item WHERE id = 1 RETURNING id", expect=0)])
    assert await names(database) == ["a", "b"]


async def test_changes_of_an_earlier_statement_are_not_counted_again(database: Database) -> None:
    await database.write([add(1, "a"), Statement("UPDATE item SET weight = 5 WHERE id = 77", expect=0)])
    assert await names(database) == ["a"]


@pytest.mark.parametrize("value", [2**63, object()])
async def test_a_value_that_sql_cannot_hold_fails_its_own_group(database: Database, value: int) -> None:
    good, bad = await asyncio.gather(
        database.write([add(1, "a")]),
        database.write([Statement("INSERT INTO item (id, name, weight) VALUES (2, 'b', $1)", (value,))]),
        return_exceptions=True,
    )
    assert good == [[]]
    assert isinstance(bad, StatementError)


async def test_reads_refuse_bad_sql_and_cannot_write(database: Database) -> None:
    with pytest.raises(StatementError, match="nowhere"):
        await database.read("SELECT * FROM nowhere")
    with pytest.raises(StatementError, match="read"):
        await database.read("INSERT INTO item (id, name) VALUES (1, 'sneaky') RETURNING id")
    assert await names(database) == []


async def test_every_acknowledged_write_is_seen_by_the_next_read(database: Database) -> None:
    async def write_then_read(n: int) -> None:
        await database.write([add(n, f"n{n}")])
        assert await database.read("SELECT id FROM item WHERE id = $1", (n,)) == [(n,)]

    await asyncio.gather(*(write_then_read(n) for n in range(100)))


async def test_closing_finishes_what_was_handed_in_and_refuses_the_rest(database_url: str) -> None:
    database = await open_database(database_url, migrations=[SCHEMA])
    pending = [asyncio.ensure_future(database.write([add(n, f"n{n}")])) for n in range(200)]
    await asyncio.sleep(0)
    await database.close()
    assert all(answer == [[]] for answer in await asyncio.gather(*pending))
    with pytest.raises(StoreUnavailable) as refused_write:
        await database.write([add(999, "late")])
    with pytest.raises(StoreUnavailable) as refused_read:
        await names(database)
    assert (refused_write.value.reason, refused_read.value.reason) == ("closed", "closed")
    await database.close()
    again = await open_database(database_url, migrations=[SCHEMA])
    assert len(await names(again)) == 200
    await again.close()


async def test_a_cancelled_writer_disturbs_nobody(database: Database) -> None:
    tasks = [asyncio.ensure_future(database.write([add(n, f"n{n}")])) for n in range(10)]
    await asyncio.sleep(0)
    tasks[3].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(answers[3], asyncio.CancelledError)
    assert {0, 1, 2, 4, 5, 6, 7, 8, 9} <= {n for (n,) in await database.read("SELECT id FROM item")}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["set", "add", "fail"])), max_size=4)))
async def test_concurrent_groups_end_as_if_run_one_after_another(
    database_url: str, batches: list[list[tuple[int, str]]]
) -> None:
    database = await open_database(
        database_url, migrations=[Migration("1", "CREATE TABLE n (k INTEGER UNIQUE, v TEXT)")]
    )
    await database.write([Statement("DELETE FROM n")])
    make = {
        "set": "INSERT INTO n VALUES ($1, '') ON CONFLICT (k) DO UPDATE SET v = n.v || 's' || $2",
        "add": "INSERT INTO n VALUES ($1, 'a' || $2)",
        "fail": "INSERT INTO n SELECT $1, $2 FROM nowhere",
    }
    groups = [[Statement(make[what], (k, str(n))) for k, what in batch] for n, batch in enumerate(batches)]
    answers = await asyncio.gather(*(database.write(group) for group in groups), return_exceptions=True)
    expected: dict[int, str] = {}
    for n, (batch, answer) in enumerate(zip(batches, answers, strict=True)):
        attempt: dict[int, str] | None = dict(expected)
        for k, what in batch:
            if attempt is None or what == "fail" or (what == "add" and k in attempt):
                attempt = None
                break
            attempt[k] = f"a{n}" if what == "add" else f"{attempt[k]}s{n}" if k in attempt else ""
        assert isinstance(answer, Exception) is (attempt is None)
        expected = expected if attempt is None else attempt
    rows = msgspec.convert(await database.read("SELECT k, v FROM n"), list[tuple[int, str]])
    assert dict(rows) == expected
    await database.close()

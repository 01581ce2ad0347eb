"""Statements: what their text tells, and what is refused before it reaches a database."""

import pytest

from portico.sql import StatementError
from portico.sql.statement import bind, shape_of


def test_parameters_are_counted_by_their_highest_number() -> None:
    assert shape_of("SELECT $2, $1, $2").parameters == 2


def test_what_looks_like_a_parameter_in_a_literal_name_or_comment_is_none() -> None:
    sql = """SELECT '$7', "a$8", 'it''s $9' -- $10
      /* $11 */ FROM t WHERE a = $1"""
    assert shape_of(sql).parameters == 1


@pytest.mark.parametrize("params", [(), (1,), (1, 2, 3)])
def test_a_wrong_number_of_parameters_is_refused(params: tuple[int, ...]) -> None:
    with pytest.raises(StatementError, match="2 parameters wanted"):
        bind("SELECT $1, $2", params)


def test_parameters_are_bound_by_number_not_by_place() -> None:
    assert bind("SELECT $2, $1", ("a", "b")) == {"1": "a", "2": "b"}
    assert bind("SELECT $1, $2, $1", ("a", "b")) == ("a", "b")


@pytest.mark.parametrize("sql", ["SELECT $1", "SELECT $1, $2, $1, $3", "SELECT '$3', $1, $2"])
def test_parameters_that_come_in_sequence_need_no_names(sql: str) -> None:
    assert shape_of(sql).in_sequence


@pytest.mark.parametrize("sql", ["SELECT $2, $1", "SELECT $1, $3, $2", "SELECT $1, $3"])
def test_parameters_out_of_sequence_do(sql: str) -> None:
    assert not shape_of(sql).in_sequence


@pytest.mark.parametrize(
    ("sql", "returns_rows"),
    [
        ("SELECT 1", True),
        ("values (1)", True),
        ("INSERT INTO t VALUES (1)", False),
        ("INSERT INTO t VALUES (1) RETURNING a", True),
        ("INSERT INTO t VALUES ('returning')", False),
        ("DELETE FROM t", False),
        ("WITH x AS (SELECT replace(a, 'b', 'c') FROM t) SELECT * FROM x", True),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x", False),
        ("WITH x AS (SELECT 1) REPLACE INTO t SELECT * FROM x", False),
    ],
)
def test_a_text_tells_whether_it_answers_with_rows(sql: str, *, returns_rows: bool) -> None:
    assert shape_of(sql).returns_rows is returns_rows


@pytest.mark.parametrize(
    "sql", ["COMMIT", " begin", "/* x */ ROLLBACK", "SAVEPOINT a", "PRAGMA synchronous = OFF", "DROP TABLE t", "", ";"]
)
def test_what_would_disturb_the_shared_transaction_is_refused(sql: str) -> None:
    with pytest.raises(StatementError, match="not a query or command"):
        shape_of(sql)


def test_a_second_statement_in_the_text_is_refused() -> None:
    with pytest.raises(StatementError, match="one statement"):
        shape_of("DELETE FROM t; COMMIT")


def test_a_closing_semicolon_is_fine() -> None:
    assert shape_of("SELECT ';' ; ").parameters == 0

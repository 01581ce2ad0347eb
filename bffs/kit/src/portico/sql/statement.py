"""Statements as values: one SQL text for every engine, parameters numbered ``$1..$n``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from portico.sql.errors import StatementError

Value = str | bytes | int | float | None
"""What a column holds and a parameter may be."""

Row = tuple[Value, ...]
"""One row, in the order of the selected columns."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL statement with its parameters.

    ``expect`` is the number of rows that it must change (or return, when it returns rows); any other number undoes the
    whole group and raises ``ExpectationFailed``: compare-and-set in one round trip.
    """

    sql: str
    params: Sequence[Value] = ()
    expect: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What the text of a statement says about it.

    Its highest parameter; whether it answers with rows; whether its parameters first come as $1, $2, $3 and so on, in
    which case SQLite counts them alike and they need no names.
    """

    parameters: int
    returns_rows: bool
    in_sequence: bool


_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/"  # literals, quoted names, comments: skipped
    r"|\$(?P<number>\d+)|(?P<word>[A-Za-z_]\w*)|(?P<end>;)",
    re.DOTALL,
)
_QUERIES = frozenset({"select", "values", "explain"})
_COMMANDS = frozenset({"insert", "update", "delete", "replace"})
_ALLOWED = _QUERIES | _COMMANDS | {"with"}


@lru_cache(maxsize=2048)
def shape_of(sql: str) -> Shape:
    """Read one statement's shape; raises ``StatementError`` unless it is a single query or command.

    Transaction control, schema changes and pragmas are refused: the writer owns the transaction that a group shares
    with its neighbours, and schemas change through migrations alone.
    """
    seen: list[int] = []
    words: list[str] = []
    ended = False
    for token in _TOKEN.finditer(sql):
        if token["end"]:
            ended = True
        elif token["number"] or token["word"]:
            if ended:
                raise StatementError("one statement at a time")
            if token["number"]:
                seen.append(int(token["number"]))
            else:
                words.append(token["word"].lower())
    if not words or words[0] not in _ALLOWED:
        raise StatementError(f"not a query or command: {sql.strip()[:40]!r}")
    highest = max(seen, default=0)
    in_sequence = list(dict.fromkeys(seen)) == list(range(1, highest + 1))
    return Shape(highest, "returning" in words or not _changes(words), in_sequence)


def _changes(words: Sequence[str]) -> bool:
    if words[0] != "with":
        return words[0] in _COMMANDS
    return not {"insert", "update", "delete"}.isdisjoint(words) or ("replace", "into") in pairwise(words)


@lru_cache(maxsize=256)
def _names(count: int) -> tuple[str, ...]:
    return tuple(str(number) for number in range(1, count + 1))


def with_right_count(sql: str, params: Sequence[Value]) -> Sequence[Value]:
    """Return ``params``; raises ``StatementError`` when they are not as many as this text has."""
    shape = shape_of(sql)
    if len(params) != shape.parameters:
        raise StatementError(f"{shape.parameters} parameters wanted, {len(params)} given: {sql.strip()[:80]!r}")
    return params


def bind(sql: str, params: Sequence[Value]) -> Sequence[Value] | dict[str, Value]:
    """Return ``params`` as SQLite takes them for this text; raises ``StatementError`` when their numbers differ."""
    values, shape = with_right_count(sql, params), shape_of(sql)
    return values if shape.in_sequence else dict(zip(_names(shape.parameters), values, strict=True))

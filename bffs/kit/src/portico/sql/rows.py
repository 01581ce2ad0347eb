"""Many rows in few statements, in one text for every engine."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from portico.sql.statement import Statement, Value

_SIZES: Final = (64, 8, 1)
"""Rows per statement: few different texts, so that each stays prepared; apsw keeps none of more than 16 KB."""


class Place(NamedTuple):
    """Where a row goes: the table, and the columns that are given."""

    table: str
    columns: tuple[str, ...]


def place_of(statement: Statement) -> Place | None:
    """Where a statement made by ``insertions`` puts its one row; None for every other statement.

    Such rows, of whomever, can be added together.
    """
    return _places.get(statement.sql)


def insertions(table: str, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> list[Statement]:
    """Return the statements that add the rows in their order; each must add all that it names.

    ``table`` and ``columns`` are written into the text: names of the program's own, never from input.
    """
    statements, start, names = [], 0, tuple(columns)
    for size in _SIZES:
        while len(rows) - start >= size:
            part = rows[start : start + size]
            start += size
            values = part[0] if size == 1 else [value for row in part for value in row]
            statements.append(Statement(_text(table, names, size), values, expect=size))
    return statements


@lru_cache(maxsize=256)
def _text(table: str, columns: tuple[str, ...], rows: int) -> str:
    wide = len(columns)
    groups = (", ".join(f"${row * wide + n}" for n in range(1, wide + 1)) for row in range(rows))
    values = "), (".join(groups)
    text = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({values})"  # noqa: S608 (names and placeholders)
    if rows == 1:
        _places[text] = Place(table, columns)
    return text


_places: dict[str, Place] = {}  # as many as the program has tables

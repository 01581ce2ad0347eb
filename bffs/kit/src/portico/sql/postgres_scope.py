"""Settings of single transactions: what PostgreSQL's row-level security judges by.

A setting made with ``set_config(..., is_local => true)`` ends with its transaction, so that no connection carries one
person's over to the next (PostgreSQL, "System Administration Functions").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from portico.sql.database import Database
from portico.sql.statement import Row, Statement, Value

if TYPE_CHECKING:
    from portico.sql.postgres import PostgresDatabase

Settings = Mapping[str, str]
"""Names with a dot in them (``shop.person``) and their values. Only what the program itself names: never from input."""

NONE: Settings = {}


class ScopedDatabase(Database):
    """A database seen by somebody: every read and every write group runs with their settings, and with no others."""

    def __init__(self, database: PostgresDatabase, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    async def read(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """See ``Database.read``; two round trips to the server rather than one."""
        return await self._database.read_under(self._settings, sql, params)

    async def write(self, statements: Sequence[Statement]) -> list[list[Row]]:
        """See ``Database.write``."""
        return await self._database.write_under(self._settings, statements)

    async def close(self) -> None:
        """Do nothing: the database is closed by whoever opened it."""


def opening(settings: Settings) -> str:
    """The text that begins a reading transaction with these settings, for one round trip without parameters.

    Values are written in hexadecimal, so that nothing in them can end the text. Raises ``UnicodeEncodeError`` for
    values that are no Unicode; the server refuses those with a NUL.
    """
    return f"BEGIN READ ONLY; SELECT {', '.join(_spoken(name, value) for name, value in settings.items())}"


def changing(before: Settings, after: Settings) -> tuple[str, list[str]] | None:
    """The query that gives a transaction other settings than it has, with its parameters; None where they are equal."""
    if before == after:
        return None
    wanted = {**dict.fromkeys(before, ""), **after}
    calls = (f"set_config(${2 * n + 1}, ${2 * n + 2}, true)" for n in range(len(wanted)))
    return f"SELECT {', '.join(calls)}", [part for item in wanted.items() for part in item]


def _spoken(name: str, value: str) -> str:
    return f"set_config('{name}', convert_from('\\x{value.encode().hex()}'::bytea, 'UTF8'), true)"

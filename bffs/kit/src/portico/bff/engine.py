"""What the engines say differently. All other SQL of the store is one text for both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, cast

import msgspec

from portico.bff.access import Access, Parameters
from portico.bff.search import PostgresSearch, Search, SqliteSearch
from portico.bff.second_wall import require_bound_role, require_second_wall, settings_of
from portico.sql import Database, Migration, Value, open_database

FIELD_FUNCTION: Final = r"""
        CREATE FUNCTION portico_field(data TEXT, name TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
          AS $$ SELECT CASE strpos(data, '\u0000') WHEN 0 THEN data
            ELSE regexp_replace(data, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufffd', 'g') END::json ->> name $$;
"""
"""A field of an entity as text; a NUL in one, which PostgreSQL's texts cannot hold, must not fail everyone's query."""


class Engine(Protocol):
    """What a store asks of the kind of database that it is on."""

    search: Search

    def members(self, parameter: str) -> str:
        """A subquery of the texts in the JSON list that the parameter holds."""
        ...

    def field_equals(self, field: str, value: Value, parameters: Parameters) -> str:
        """The condition that a top-level field of ``e.data`` has a value; ``field`` is a name that is known."""
        ...

    def seen_by(self, database: Database, access: Access) -> Database:
        """The database as an authority reaches it, where the engine itself knows of authorities."""
        ...

    async def open(self, url: str, migrations: Sequence[Migration]) -> Database:
        """Open the database with its tables; raises ``SettingsError`` unless what it is relied upon for holds."""
        ...


class SqliteEngine(Engine):
    """A file of the service's own: the predicates are the only wall."""

    def __init__(self) -> None:
        self.search = SqliteSearch()

    def members(self, parameter: str) -> str:
        """See ``Engine.members``."""
        return f"SELECT value FROM json_each({parameter})"  # noqa: S608 (a placeholder)

    def field_equals(self, field: str, value: Value, parameters: Parameters) -> str:
        """See ``Engine.field_equals``."""
        expression = f"e.data ->> '{field}'"
        return f"{expression} IS NULL" if value is None else f"{expression} = {parameters.add(value)}"

    def seen_by(self, database: Database, access: Access) -> Database:  # noqa: ARG002
        """See ``Engine.seen_by``."""
        return database

    async def open(self, url: str, migrations: Sequence[Migration]) -> Database:
        """See ``Engine.open``."""
        return await open_database(url, migrations=migrations)


class PostgresEngine(Engine):
    """A server with row-level security: see ``second_wall``."""

    def __init__(self) -> None:
        self.search = PostgresSearch()

    def members(self, parameter: str) -> str:
        """See ``Engine.members``."""
        return f"SELECT json_array_elements_text({parameter}::json)"

    def field_equals(self, field: str, value: Value, parameters: Parameters) -> str:
        """See ``Engine.field_equals``. Compared as JSON writes the value, so that one index serves every type."""
        expression = f"portico_field(e.data, '{field}')"
        if value is None:
            return f"{expression} IS NULL"
        return f"{expression} IN ({', '.join(parameters.add(text) for text in _written(value))})"

    def seen_by(self, database: Database, access: Access) -> Database:
        """See ``Engine.seen_by``."""
        from portico.sql.postgres import PostgresDatabase  # noqa: PLC0415 (with SQLite alone, start without its client)

        return cast("PostgresDatabase", database).under(settings_of(access))

    async def open(self, url: str, migrations: Sequence[Migration]) -> Database:
        """See ``Engine.open``. The role is looked at first: it would own the tables that it makes."""
        await _checked(await open_database(url), require_bound_role, close=True)
        return await _checked(await open_database(url, migrations=migrations), require_second_wall)


async def _checked(
    database: Database, check: Callable[[Database], Awaitable[None]], *, close: bool = False
) -> Database:
    try:
        await check(database)
    except BaseException:
        await database.close()
        raise
    if close:
        await database.close()
    return database


def _written(value: Value) -> list[str]:
    """The ways in which JSON may write a value: a whole number also as a float, and the truth as SQLite's 1 and 0."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, bytes):
        return [value.decode(errors="replace")]
    ways = [msgspec.json.encode(value).decode()]
    if isinstance(value, int | float) and value in {0, 1}:
        ways += ["true" if value else "false", *(["1", "1.0"] if value else ["0", "0.0", "-0.0"])]
    elif isinstance(value, float) and value.is_integer() and abs(value) < 1 << 63:
        ways.append(str(int(value)))
    elif isinstance(value, int):
        ways.append(msgspec.json.encode(float(value)).decode())
    return list(dict.fromkeys(ways))

"""Tables and statements that the tests of databases share, in SQL that every engine reads."""

from portico.sql import Database, Migration, Statement

SCHEMA = Migration(
    "0001",
    """
    CREATE TABLE item (
      id INTEGER PRIMARY KEY, name TEXT NOT NULL, shelf TEXT, weight INTEGER CHECK (weight > 0), UNIQUE (name, shelf)
    );
    CREATE UNIQUE INDEX item_lower ON item (lower(name));
    CREATE TABLE part (
      id INTEGER PRIMARY KEY,
      item INTEGER NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED,
      must INTEGER REFERENCES item (id)
    );
    """,
)
KINDS = Migration("0002", "CREATE TABLE kinds (t TEXT, b BLOB, i INTEGER, r REAL, n BIGINT) -- 'INTEGER' in a comment")


def add(id_: int, name: str, shelf: str | None = None, weight: int = 1) -> Statement:
    sql = "INSERT INTO item (id, name, shelf, weight) VALUES ($1, $2, $3, $4)"
    return Statement(sql, (id_, name, shelf, weight))


async def names(database: Database) -> list[object]:
    return [row[0] for row in await database.read("SELECT name FROM item ORDER BY id")]

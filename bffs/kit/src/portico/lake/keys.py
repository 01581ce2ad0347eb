"""The keys of persons: one each, made when first needed, forgotten for good when the person is erased."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from portico.sql import Database, Migration, Row, Statement, open_database

MIGRATIONS: Final = (
    Migration(
        "lake/0001-keys",
        """
        CREATE TABLE lake_keys (
          id TEXT PRIMARY KEY,                  -- says nothing of the person; it is beside what it seals
          person TEXT NOT NULL UNIQUE,          -- HMAC-SHA-256 of the person's id, in hexadecimal
          key BLOB NOT NULL,                    -- 32 bytes, for AES-256-GCM
          created_at INTEGER NOT NULL           -- milliseconds since the epoch
        ) STRICT;
        CREATE TABLE lake_erased (
          person TEXT PRIMARY KEY,
          erased_at INTEGER NOT NULL            -- what happened until then stays without its personal parts
        ) STRICT;
        CREATE TABLE lake_purges (              -- what the hub still has of what is erased here
          position INTEGER PRIMARY KEY,
          noted_at INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE lake_salt (
          only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
          salt BLOB NOT NULL
        ) STRICT;
        """,
    ),
)
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class PersonKey:
    """What seals the events of a person after ``erased_at`` (milliseconds; 0: all of them)."""

    id: str
    key: bytes
    erased_at: int


class KeyStore:
    """Keys in a database of their own, which every keeper and reader of the lake shares."""

    def __init__(self, database: Database, clock: Callable[[], int], salt: bytes) -> None:
        self._database = database
        self._clock = clock
        self._salt = salt

    @classmethod
    async def open(cls, url: str, clock: Callable[[], int]) -> Self:
        """Open the database at ``url``. Raises what ``portico.sql.open_database`` raises."""
        database = await open_database(url, migrations=MIGRATIONS)
        new = Statement(
            "INSERT INTO lake_salt (only_one, salt) VALUES (1, $1) ON CONFLICT DO NOTHING", (secrets.token_bytes(32),)
        )
        await database.write([new])
        salt = (await database.read("SELECT salt FROM lake_salt"))[0][0]
        assert isinstance(salt, bytes)  # noqa: S101 (the column is NOT NULL)
        return cls(database, clock, salt)

    async def of(self, persons: Collection[str]) -> dict[str, PersonKey]:
        """Return each person's key; makes those that are missing. Durable before it returns."""
        names = {self._name(person): person for person in persons}
        held = await self._held(list(names))
        if missing := [name for name in names if name not in held]:
            now = self._clock()
            await self._database.write(
                [
                    Statement(
                        "INSERT INTO lake_keys (id, person, key, created_at) VALUES ($1, $2, $3, $4)"
                        " ON CONFLICT DO NOTHING",
                        (uuid.uuid4().hex, name, secrets.token_bytes(32), now),
                    )
                    for name in missing
                ]
            )
            held |= await self._held(missing)
        return {names[name]: key for name, key in held.items()}

    async def opening(self, ids: Collection[str]) -> Mapping[str, bytes]:
        """Return the keys of these ids that are not forgotten."""
        rows = await self._pages("SELECT id, key FROM lake_keys WHERE id IN", list(ids))
        return {str(id_): bytes(key) for id_, key in rows if isinstance(key, bytes)}

    async def id_of(self, person: str) -> str | None:
        """The id of a person's key; None when there is none."""
        rows = await self._database.read("SELECT id FROM lake_keys WHERE person = $1", (self._name(person),))
        return str(rows[0][0]) if rows else None

    async def erase(self, person: str, positions: Sequence[int]) -> None:
        """Forget a person's key, and in the same commit note where the hub has the person's events.

        What happens from now on is kept under another key.
        """
        name, now = self._name(person), self._clock()
        await self._database.write(
            [
                # Written over first: a deleted row's bytes stay in its page.
                Statement("UPDATE lake_keys SET key = $1 WHERE person = $2", (bytes(32), name)),
                Statement("DELETE FROM lake_keys WHERE person = $1", (name,)),
                Statement(
                    "INSERT INTO lake_erased (person, erased_at) VALUES ($1, $2) ON CONFLICT (person)"
                    " DO UPDATE SET erased_at = excluded.erased_at",
                    (name, now),
                ),
                *(_purge(position, now) for position in positions),
            ]
        )

    async def note_purges(self, positions: Sequence[int]) -> None:
        """Note where the hub has events of somebody who is erased."""
        if positions:
            now = self._clock()
            await self._database.write([_purge(position, now) for position in positions])

    async def purges(self, until: int, after_ms: int, limit: int = 1000) -> list[int]:
        """The first positions up to ``until``, inclusive, that were noted ``after_ms`` milliseconds ago, or earlier."""
        rows = await self._database.read(
            "SELECT position FROM lake_purges WHERE position <= $1 AND noted_at <= $2 ORDER BY position LIMIT $3",
            (until, self._clock() - after_ms, limit),
        )
        return [position for (position,) in rows if isinstance(position, int)]

    async def purged(self, positions: Sequence[int]) -> None:
        """These are removed."""
        done = [Statement("DELETE FROM lake_purges WHERE position = $1", (position,)) for position in positions]
        if done:
            await self._database.write(done)

    async def close(self) -> None:
        """Close the database."""
        await self._database.close()

    async def _held(self, names: Sequence[str]) -> dict[str, PersonKey]:
        rows = await self._pages(
            "SELECT k.person, k.id, k.key, coalesce(e.erased_at, 0) FROM lake_keys k"
            " LEFT JOIN lake_erased e ON e.person = k.person WHERE k.person IN",
            names,
        )
        return {
            str(name): PersonKey(str(id_), key, int(erased))
            for name, id_, key, erased in rows
            if isinstance(key, bytes) and isinstance(erased, int)
        }

    async def _pages(self, sql: str, values: Sequence[str]) -> list[Row]:
        rows: list[Row] = []
        for page in _filled_pages(values):
            rows += await self._database.read(f"{sql} ({_PLACEHOLDERS})", page)
        return rows

    def _name(self, person: str) -> str:
        return hmac.new(self._salt, person.encode(), hashlib.sha256).hexdigest()


def _purge(position: int, now: int) -> Statement:
    text = "INSERT INTO lake_purges (position, noted_at) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    return Statement(text, (position, now))


_PLACEHOLDERS: Final = ", ".join(f"${number}" for number in range(1, _PAGE + 1))


def _filled_pages(values: Sequence[str]) -> Iterator[list[str]]:
    """Always as many values, so that there is one text of SQL."""
    for start in range(0, len(values), _PAGE):
        page = list(values[start : start + _PAGE])
        yield page + page[:1] * (_PAGE - len(page))

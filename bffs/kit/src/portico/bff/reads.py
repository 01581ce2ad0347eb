"""Reading entities under an authority: every statement carries the authority's predicate."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import msgspec

from portico.bff.access import Access, Parameters
from portico.bff.cursor import checked_limit, from_cursor, to_cursor
from portico.bff.engine import Engine
from portico.bff.entity import EntityType, Key, Page, Reach, Stored, T
from portico.bff.errors import InvalidQuery
from portico.bff.ids import Clock
from portico.sql import Database, Row, Value

_COLUMNS: Final = (
    "e.pk, e.sk, e.data, e.version, e.timestamp, e.stamp, e.last_modified_by, e.owner, e.tenant, e.ttl, e.claim_value"
)
_MOST_KEYS: Final = 500
_DEEPEST: Final = 10_000
_SIXTY_FOUR_BITS: Final = range(-(1 << 63), 1 << 63)
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_StoredRow = tuple[str, str, str, int, int, str, str, str | None, str | None, int | None, str | None]


class Reads:
    """The reading half of a unit of work. What the authority does not reach is absent, whatever is asked."""

    def __init__(self, database: Database, access: Access, engine: Engine, clock: Clock) -> None:
        self._open_database = database
        self._database = engine.seen_by(database, access)
        self._access = access
        self._engine = engine
        self._clock = clock

    def now(self) -> int:
        """The store's time, in milliseconds since the epoch."""
        return self._clock()

    async def get(self, kind: EntityType[T], pk: str, sk: str | None = None) -> Stored[T] | None:
        """Return one row, or None when there is none to be seen. ``sk`` defaults to the type's discriminator."""
        key = key_of(kind, pk, sk)
        parameters = Parameters()
        where = self._visible(kind, parameters)
        where += f" AND e.pk = {parameters.add(key.pk)} AND e.sk = {parameters.add(key.sk)}"
        found = await self._select(kind, f"FROM entities AS e WHERE {where}", parameters)
        return found[0] if found else None

    async def get_many(self, kind: EntityType[T], pks: Sequence[str]) -> dict[str, Stored[T]]:
        """Return the visible rows of these keys, by ``pk``, in one read (for data loaders).

        Raises ``InvalidQuery`` for more than 500 keys.
        """
        if len(pks) > _MOST_KEYS:
            raise InvalidQuery(f"at most {_MOST_KEYS} keys at once")
        if not pks:
            return {}
        parameters = Parameters()
        where = self._visible(kind, parameters)
        # One JSON parameter keeps the statement's text the same for any number of keys.
        keys = parameters.add(msgspec.json.encode(list(dict.fromkeys(pks))).decode())
        where += f" AND e.sk = {parameters.add(kind.discriminator)}"
        where += f" AND e.pk IN ({self._engine.members(keys)})"
        found = await self._select(kind, f"FROM entities AS e WHERE {where}", parameters)
        return {stored.key.pk: stored for stored in found}

    async def query(
        self,
        kind: EntityType[T],
        *,
        pk: str | None = None,
        sk_prefix: str | None = None,
        where: Mapping[str, Value] | None = None,
        limit: int = 50,
        after: str | None = None,
        descending: bool = False,
    ) -> Page[T]:
        """Return a page of visible rows in the order of their keys: with UUIDv7 keys, of their making.

        ``where`` compares top-level fields (names as in JSON) for equality, None matching absent. ``limit`` is 1 to
        200, ``after`` the ``next_cursor`` of the page before. Changes of this unit of work that are not yet committed
        are not seen. Raises ``InvalidQuery``.
        """
        parameters = Parameters()
        conditions = [self._visible(kind, parameters), *self._fields_equal(kind, where or {}, parameters)]
        if pk is not None:
            conditions.append(f"e.pk = {parameters.add(pk)}")
        if sk_prefix:
            low, high = parameters.add(sk_prefix), parameters.add(sk_prefix + "\U0010ffff")
            conditions.append(f"e.sk >= {low} AND e.sk < {high}")
        if after is not None:
            last = from_cursor(after, tuple[str, str])
            compare = "<" if descending else ">"
            conditions.append(f"(e.pk, e.sk) {compare} ({parameters.add(last[0])}, {parameters.add(last[1])})")
        way = "DESC" if descending else "ASC"
        tail = f"FROM entities AS e WHERE {' AND '.join(conditions)} ORDER BY e.pk {way}, e.sk {way}"
        wanted = checked_limit(limit)
        found = await self._select(kind, f"{tail} LIMIT {parameters.add(wanted + 1)}", parameters)
        items = tuple(found[:wanted])
        return Page(items, to_cursor(items[-1].key) if len(found) > wanted else None)

    async def search(
        self,
        kind: EntityType[T],
        text: str,
        *,
        where: Mapping[str, Value] | None = None,
        limit: int = 20,
        after: str | None = None,
    ) -> Page[T]:
        """Return a page of visible rows that hold every word of ``text``, best first; no words find nothing.

        ``text`` is what a person typed, whatever it is. ``where``, ``limit`` (1 to 200) and ``after`` as in ``query``;
        a page cannot start after the 10,000th row. Raises ``InvalidQuery``.
        """
        wanted = checked_limit(limit)
        (start,) = from_cursor(after, tuple[int]) if after is not None else (0,)
        if not 0 <= start <= _DEEPEST:
            raise InvalidQuery("the cursor is not one of ours")
        parameters = Parameters()
        hits = self._engine.search.hits(text, kind, parameters)
        if hits is None:
            return Page(())
        conditions = [self._visible(kind, parameters), *self._fields_equal(kind, where or {}, parameters)]
        tail = (
            f"FROM ({hits}) AS hit JOIN entities AS e ON e.pk = hit.pk AND e.sk = hit.sk"
            f" WHERE {' AND '.join(conditions)} ORDER BY hit.tier, hit.score, e.pk, e.sk"
            f" LIMIT {parameters.add(wanted + 1)} OFFSET {parameters.add(start)}"
        )
        found = await self._select(kind, tail, parameters)
        more = len(found) > wanted
        return Page(tuple(found[:wanted]), to_cursor((start + wanted,)) if more else None)

    def _visible(self, kind: EntityType[Any], parameters: Parameters) -> str:
        """The conditions no read is without. ``deleted = 0`` is written out so that the partial indexes apply."""
        return (
            f"e.discriminator = {parameters.add(kind.discriminator)} AND e.deleted = 0"
            f" AND (e.ttl IS NULL OR e.ttl > {parameters.add(self._clock() // 1000)})"
            f" AND {self._access.predicate(kind.reach, parameters)}"
        )

    def _fields_equal(self, kind: EntityType[Any], where: Mapping[str, Value], parameters: Parameters) -> list[str]:
        conditions = []
        for field, value in where.items():
            # The name is written into the text, so that an index on the same expression serves it: only known names.
            if field not in kind.fields or not _FIELD.fullmatch(field):
                raise InvalidQuery(f"{kind.discriminator} has no field {field!r} to filter by")
            if isinstance(value, int) and value not in _SIXTY_FOUR_BITS:
                raise InvalidQuery(f"no {field} of {kind.discriminator} is as large as that")
            conditions.append(self._engine.field_equals(field, value, parameters))
        return conditions

    async def _select(self, kind: EntityType[T], tail: str, parameters: Parameters) -> list[Stored[T]]:
        # Everyone's rows are seen without saying who asks, which would cost another round trip.
        is_open = kind.reach is Reach.EVERYONE and not self._access.is_system
        database = self._open_database if is_open else self._database
        rows = await database.read(f"SELECT {_COLUMNS} {tail}", parameters.values)
        return [_stored(kind, row) for row in rows]


def key_of(kind: EntityType[Any], pk: str, sk: str | None) -> Key:
    """The key of a row; ``sk`` defaults to the discriminator, so that types may share a ``pk``."""
    return Key(pk, kind.sort_key(sk))


def _stored(kind: EntityType[T], row: Row) -> Stored[T]:
    # Cast, not checked: the table is STRICT. Converting each row would cost more than reading it.
    pk, sk, data, version, timestamp, stamp, modified_by, owner, tenant, ttl, value = cast("_StoredRow", row)
    return Stored(Key(pk, sk), kind.decode(data), version, timestamp, stamp, modified_by, owner, tenant, ttl, value)

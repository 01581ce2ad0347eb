"""What rows were when a unit of work first saw them: a change is only for a row that is still so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import msgspec

from portico.bff.access import Access
from portico.bff.changes import NOTHING, Base
from portico.bff.engine import Engine
from portico.bff.entity import EntityType, Key, Stored, Whose
from portico.bff.ids import Clock
from portico.sql import Database

_KEY_CHECK: Final = Access.system("key check")
_COLUMNS: Final = (
    "pk, version, timestamp, deleted = 0 AND (ttl IS NULL OR ttl > $2) AND discriminator = $3, stamp, owner, tenant,"
    " claim_value"
)

_BaseRow = tuple[str, int, int, int, str, str | None, str | None, str | None]


class Bases:
    """The first sight counts: what was decided on it must not be written over something newer.

    ``likely`` are partition keys that will be asked for, such as the subjects of a batch of events: with the first of
    them all are read, in one query.
    """

    def __init__(self, database: Database, engine: Engine, clock: Clock, likely: Sequence[str] = ()) -> None:
        self._database = engine.seen_by(database, _KEY_CHECK)
        self._engine = engine
        self._clock = clock
        self._likely = frozenset(likely)
        self._seen: dict[Key, Base] = {}
        self._foreseen: dict[Key, Base] = {}

    def known(self, key: Key) -> Base | None:
        """What is known of a row without asking."""
        return self._seen.get(key)

    def foreseen(self, key: Key) -> Base | None:
        """What was read of a row together with others; once, as ``read`` would say it."""
        return self._foreseen.pop(key, None)

    def note(self, stored: Stored[Any]) -> None:
        """A row was read; what was seen of it before counts more."""
        base = Base(stored.version, stored.timestamp, True, stored.whose, stored.stamp)
        self._seen.setdefault(stored.key, base)

    async def read(self, kind: EntityType[Any], key: Key) -> Base:
        """Read a row's state without the filter: a tombstone, or another's row, is in the way all the same."""
        if key.pk in self._likely:
            return await self._foresee(kind, key)
        rows = await self._database.read(
            f"SELECT {_COLUMNS} FROM entities WHERE pk = $1 AND sk = $4",  # noqa: S608
            (key.pk, self._clock() // 1000, kind.discriminator, key.sk),
        )
        return _base(cast("_BaseRow", rows[0])) if rows else NOTHING

    async def _foresee(self, kind: EntityType[Any], key: Key) -> Base:
        # Under the kind as well: of another kind a row does not live.
        if key not in self._foreseen:
            keys = msgspec.json.encode(sorted(self._likely)).decode()
            rows = await self._database.read(
                f"SELECT {_COLUMNS} FROM entities WHERE sk = $4 AND pk IN ({self._engine.members('$1')})",  # noqa: S608
                (keys, self._clock() // 1000, kind.discriminator, key.sk),
            )
            found = {str(row[0]): _base(cast("_BaseRow", row)) for row in rows}
            self._foreseen |= {Key(pk, key.sk): found.get(pk, NOTHING) for pk in self._likely}
        return self._foreseen.pop(key)


def _base(row: _BaseRow) -> Base:
    # Cast, not checked: the table is STRICT.
    _, version, timestamp, live, stamp, *whose = row
    return Base(version, timestamp, bool(live), Whose(*whose), stamp)

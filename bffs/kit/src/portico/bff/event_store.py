"""The micro event store: the rows of the outbox that were published, kept until the lake has their events."""

from __future__ import annotations

from typing import Final

from portico.bff.store import EntityStore
from portico.sql import Statement

_CHUNK: Final = 1000


async def republish(store: EntityStore, *, since: int, until: int) -> int:
    """Have the trigger publish again what was committed from ``since`` to before ``until``, in milliseconds since the
    epoch; return how many events. In their order, under their own ids: a listener that had them takes none twice.

    Messages to feeds are not said again.
    """
    (rows,) = await store.database.write(
        [
            Statement(
                "UPDATE outbox SET published_at = NULL WHERE target IS NULL AND published_at IS NOT NULL"
                " AND created_at >= $1 AND created_at < $2 RETURNING 1",
                (since, until),
            )
        ]
    )
    if rows:
        store.announce()
    return len(rows)


async def forget_kept(store: EntityStore, *, until: int) -> int:
    """Remove events that were published before ``until``; return how many. For who knows that the lake has them."""
    removed = 0
    while True:
        (rows,) = await store.database.write(
            [
                Statement(
                    "DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE target IS NULL AND published_at < $1"
                    " LIMIT $2) RETURNING 1",
                    (until, _CHUNK),
                )
            ]
        )
        removed += len(rows)
        if len(rows) < _CHUNK:
            return removed

"""Who wants notices where: sealed rows, found by the feed that a notice comes on."""

from __future__ import annotations

import logging

import msgspec

from portico.feed import person_subject
from portico.host.clock import Clock
from portico.host.push.subscription import Subscription
from portico.host.session.sealing import Seal, SealBroken
from portico.sql import Database, Statement

MOST_EACH = 10
"""Browsers of one person; the one not seen for longest gives way."""
_FORGOTTEN_AFTER_S = 60 * 24 * 3600

_logger = logging.getLogger(__name__)


class Subscriptions:
    """Subscriptions of people's browsers. All methods raise `portico.sql.SqlError`."""

    def __init__(self, database: Database, *, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock

    async def put(self, sub: str, session_id: str, subscription: Subscription) -> None:
        """Remember a browser's subscription; a browser belongs to who was signed in on it last."""
        feed, now = person_subject(sub), int(self._clock())
        sealed = self._seal.seal(msgspec.json.encode(subscription), _context(subscription.id))
        await self._database.write(
            [
                Statement(
                    "INSERT INTO push_subscription (id, feed, session_id, sealed, seen_at) VALUES ($1, $2, $3, $4, $5) "
                    "ON CONFLICT (id) DO UPDATE SET feed = excluded.feed, session_id = excluded.session_id, "
                    "sealed = excluded.sealed, seen_at = excluded.seen_at",
                    (subscription.id, feed, session_id, sealed, now),
                ),
                Statement("DELETE FROM push_subscription WHERE seen_at < $1", (now - _FORGOTTEN_AFTER_S,)),
                Statement(
                    "DELETE FROM push_subscription WHERE id IN (SELECT id FROM push_subscription WHERE feed = $1 "
                    "ORDER BY seen_at DESC, id = $2 DESC LIMIT 1000 OFFSET $3)",
                    (feed, subscription.id, MOST_EACH),
                ),
            ]
        )

    async def remove(self, sub: str, endpoint_id: str) -> None:
        """Forget one browser of a person."""
        await self._database.write(
            [Statement("DELETE FROM push_subscription WHERE id = $1 AND feed = $2", (endpoint_id, person_subject(sub)))]
        )

    async def forget(self, endpoint_id: str) -> None:
        """Forget a browser that its push service does not know any more."""
        await self._database.write([Statement("DELETE FROM push_subscription WHERE id = $1", (endpoint_id,))])

    async def of_feed(self, feed: str) -> list[Subscription]:
        """The browsers that want the notices of this feed."""
        rows = await self._database.read("SELECT id, sealed FROM push_subscription WHERE feed = $1", (feed,))
        found = []
        for endpoint_id, sealed in rows:
            try:
                plain = self._seal.unseal(str(sealed), _context(str(endpoint_id)))
                found.append(msgspec.json.decode(plain, type=Subscription))
            except (SealBroken, msgspec.DecodeError) as error:
                _logger.warning("A push subscription cannot be read, and is forgotten: %s", error)
                await self.forget(str(endpoint_id))
        return found


def _context(endpoint_id: str) -> str:
    return f"push:{endpoint_id}"

"""Lanes: the order of one device's commands about one thing, and what must hold before a command is run.

A lane counts the commands that took effect. The counter moves in the same write group as the effect, by a statement
that matches only while the command's place is the next, so of any number of racing commands one passes.
"""

from __future__ import annotations

from typing import Final

import msgspec

from portico.bff.errors import CommandApplied, LaneGap, LaneSeqUsed, TooManyLanes
from portico.bff.idempotency_record import RETENTION_MS, find, tombstone
from portico.sql import Database, Statement

LANE_RETENTION_MS: Final = RETENTION_MS
"""How long an unused lane is remembered: as long as the answers of its commands, never shorter. Documented."""

MOST_LANES: Final = 10_000
"""How many lanes one person may have in one service: over 300 new ones on every day of the retention. Documented."""


class Turn(msgspec.Struct, frozen=True):
    """A command's place: the ``seq``-th (from 1) of those that one ``client`` (a device's database) has for a lane."""

    client: str
    lane: str
    seq: int

    def statement(self, sub: str, now: int) -> Statement:
        """Move the counter here from the place before; it changes one row, or the group is undone."""
        if self.seq == 1:
            return Statement(
                "INSERT INTO lanes (sub, client, lane, last, used_at) VALUES ($1, $2, $3, 1, $4)"
                " ON CONFLICT (sub, client, lane) DO NOTHING",
                (sub, self.client, self.lane, now),
                expect=1,
            )
        return Statement(
            "UPDATE lanes SET last = $1, used_at = $2 WHERE sub = $3 AND client = $4 AND lane = $5 AND last = $6",
            (self.seq, now, sub, self.client, self.lane, self.seq - 1),
            expect=1,
        )

    async def expected(self, database: Database, sub: str) -> int:
        """The place that is next in this lane."""
        rows = await database.read(
            "SELECT last FROM lanes WHERE sub = $1 AND client = $2 AND lane = $3", (sub, self.client, self.lane)
        )
        return msgspec.convert(rows[0][0], int) + 1 if rows else 1

    async def is_one_too_many(self, database: Database, sub: str) -> bool:
        """Whether it would begin a lane while the person has as many as they may. Those who race may get past it."""
        if self.seq != 1:
            return False
        rows = await database.read("SELECT COUNT(*) FROM lanes WHERE sub = $1", (sub,))
        return msgspec.convert(rows[0][0], int) >= MOST_LANES


class Admission(msgspec.Struct, frozen=True):
    """What must hold for a command beside its own rules: its turn has come, and what it replaces never took effect."""

    turn: Turn | None = None
    replaces: tuple[str, ...] = ()

    async def refusal(
        self, database: Database, sub: str
    ) -> CommandApplied | LaneGap | LaneSeqUsed | TooManyLanes | None:
        """Say in words what the ``guards`` will enforce; None where nothing is in the way now.

        The lane is read before the keys: a command that took the place is then seen under its key as well, here and by
        whoever looks for another key afterwards.
        """
        expected = None if self.turn is None else await self.turn.expected(database, sub)
        for key in self.replaces:
            known = await find(database, sub, key)
            if known is not None and not known.skipped:
                return CommandApplied(known.outcome())
        if self.turn is None or expected is None:
            return None
        if self.turn.seq == expected:
            return TooManyLanes() if await self.turn.is_one_too_many(database, sub) else None
        return LaneGap(expected) if self.turn.seq > expected else LaneSeqUsed(expected)

    def guards(self, sub: str, now: int) -> list[Statement]:
        """The statements that go into the command's group: what it replaces is skipped for good, the lane moves on."""
        guards = [tombstone(sub, key, now) for key in self.replaces]
        if self.turn is not None:
            guards.append(self.turn.statement(sub, now))
        return guards


FREELY: Final = Admission()
"""Nothing is asked for."""


def sweep_statement(now: int, most: int) -> Statement:
    """Forget up to ``most`` lanes that were not used for the retention."""
    return Statement(
        "DELETE FROM lanes WHERE (sub, client, lane) IN"
        " (SELECT sub, client, lane FROM lanes WHERE used_at < $1 LIMIT $2) RETURNING 1",
        (now - LANE_RETENTION_MS, most),
    )

"""Why a listener's unit of work happens: an event and the rule that takes it."""

from __future__ import annotations

from typing import Final

import msgspec

from portico.bff.changes import Base
from portico.bff.events import Occasion, stamp_of
from portico.bff.received_event import ReceivedEvent

INBOX: Final = ("event_id", "rule", "handled_at")
"""The columns of the table ``inbox``."""


class Cause(msgspec.Struct, frozen=True):
    """One event for one rule. Committed at most once: its row in the inbox is part of the commit."""

    event: ReceivedEvent
    rule: str

    def row(self, now: int) -> tuple[str, str, int]:
        """The row of the inbox that only the first of several deliveries gets in, in the order of ``INBOX``."""
        return (self.event.id, self.rule, now)

    def occasion(self, timestamp: int, commit: str, actor: str) -> Occasion:
        """The commit at ``timestamp``, or just after the event: an effect never precedes its cause."""
        event, timestamp = self.event, max(timestamp, self.event.timestamp + 1)
        return Occasion(
            timestamp,
            stamp_of(timestamp, commit),
            ("event", self.rule, event.id),
            event.timestamp,
            actor,
            event.correlation_id or event.id,
            event.traceparent,
            event.id,
        )

    def supersedes(self, base: Base) -> bool:
        """The inverse optimistic lock: whether the event is newer than the row, or than its tombstone.

        Stamps decide between equal milliseconds; without them the outcome would depend on the order of arrival.
        """
        return (self.event.timestamp, self.event.stamp) > (base.timestamp, base.stamp)

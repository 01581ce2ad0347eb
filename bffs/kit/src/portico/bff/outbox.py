"""What a commit leaves for the trigger: events for other services, messages for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from portico.bff.events import Event, Occasion, Origin, Outgoing, enclose
from portico.bff.feeds import Data, FeedRow, Notice, Telling, address, telling
from portico.sql import Value

COLUMNS: Final = ("id", "type", "subject", "partition_key", "region", "envelope", "created_at", "target")
"""Of the table ``outbox``."""


class Outbox:
    """Gathers what one unit of work publishes; ``rows`` are its rows, in the order of their saying."""

    def __init__(self) -> None:
        self._events: list[tuple[Event, bytes]] = []
        self._messages: list[Telling] = []

    def __bool__(self) -> bool:
        """Whether there is anything to publish."""
        return bool(self._events or self._messages)

    @property
    def events(self) -> Sequence[Event]:
        """The events, in the order of their saying."""
        return tuple(event for event, _ in self._events)

    def emit(self, event: Event) -> None:
        """Add an event; its entity is taken as it is now."""
        self._events.append((event, msgspec.json.encode(event.entity)))

    def tell(self, type_: str, data: Data, *, person: str | None = None, tenant: str | None = None) -> None:
        """Add a message for one feed; its data is taken as it is now."""
        self._messages.append(telling(type_, data, person=person, tenant=tenant))

    def notify(self, sub: str, notice: Notice, app: str) -> None:
        """Add words for a person, which ``app`` says."""
        self.tell("notice", {**msgspec.to_builtins(notice), "app": app}, person=sub)

    def rows(self, origin: Origin, occasion: Occasion, now: int) -> list[tuple[Value, ...]]:
        """The rows of the outbox, in the order of ``COLUMNS``. Raises ``EventTooLarge``."""
        events = [
            _event_row(enclose(event, data, ordinal, origin, occasion), now, origin.region)
            for ordinal, (event, data) in enumerate(self._events)
        ]
        messages = [
            _feed_row(address(message, ordinal, origin, occasion), now, origin.region)
            for ordinal, message in enumerate(self._messages)
        ]
        return events + messages


def _event_row(event: Outgoing, now: int, region: str) -> tuple[Value, ...]:
    return (event.id, event.type, event.subject, event.partition_key, region, event.body, now, None)


def _feed_row(row: FeedRow, now: int, region: str) -> tuple[Value, ...]:
    # The feed is the partition key as well: what it hears keeps its order.
    return (row.id, row.type, row.target, row.target, region, row.body, now, row.target)

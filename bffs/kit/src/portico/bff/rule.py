"""A listener's rule: which events it wants, and how many of them at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from portico.bff.patterns import matches
from portico.bff.received_event import ReceivedEvent
from portico.bff.unit_of_work import UnitOfWork

Handler = Callable[[ReceivedEvent, UnitOfWork], Awaitable[None]]
"""A rule's body. It reads and writes through the unit of work alone, for it may run again; it does not commit."""

Filter = Callable[[ReceivedEvent], bool]
"""Whether a rule wants an event. It depends on the event alone: it is asked again whenever the event comes again."""

Grouping = Callable[[ReceivedEvent], str]
"""What events have in common that are taken together."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with the events of a type; see ``Listener.on``."""

    id: str
    pattern: str
    handler: Handler
    own: bool = False
    by: frozenset[str] | None = None
    filter: Filter | None = None
    batch: int = 1
    group: Grouping | None = None
    compact: bool = False
    rate: float | None = None
    reads: type[msgspec.Struct] | None = None

    def wants(self, event: ReceivedEvent, service: str) -> bool:
        """Whether the rule of this service is for such events; what its ``filter`` says is another matter."""
        is_heard = self.own or event.service != service
        return is_heard and matches(self.pattern, event.type) and (self.by is None or event.service in self.by)

    def passes(self, event: ReceivedEvent) -> bool:
        """Whether its filter lets the event through. Raises what that raises."""
        return self.filter is None or self.filter(event)

    def portions(self, events: Sequence[ReceivedEvent]) -> Iterator[Sequence[ReceivedEvent]]:
        """Cut what came, in order, into what is committed together."""
        for together in self._groups(events):
            for start in range(0, len(together), self.batch):
                yield together[start : start + self.batch]

    def heeded(self, events: Sequence[ReceivedEvent]) -> Sequence[ReceivedEvent]:
        """Those of a portion that the handler is to see: all, or the newest of each group (of each subject).

        Raises what ``group`` raises.
        """
        if not self.compact:
            if self.group is not None:
                for event in events:
                    hash(self.group(event))
            return events
        newest: dict[str, ReceivedEvent] = {}
        for event in events:
            group = self.group(event) if self.group is not None else event.subject
            known = newest.get(group)
            if known is None or (event.timestamp, event.stamp) > (known.timestamp, known.stamp):
                newest.pop(group, None)
                newest[group] = event
        return list(newest.values())

    def _groups(self, events: Sequence[ReceivedEvent]) -> Sequence[Sequence[ReceivedEvent]]:
        if self.group is None:
            return [events]
        groups: dict[object, list[ReceivedEvent]] = {}
        for event in events:
            try:
                groups.setdefault(self.group(event), []).append(event)
            except Exception:  # noqa: BLE001 (it is asked again where its errors become faults)
                groups[object()] = [event]
        return list(groups.values())

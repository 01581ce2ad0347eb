"""A case: the events that belong together under one key, and what was decided on them so far."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Self, TypeVar

import msgspec
from msgspec.structs import replace

from portico.bff.received_event import ReceivedEvent

T = TypeVar("T", bound=msgspec.Struct)


class Snapshot(msgspec.Struct, frozen=True):
    """How a case is kept. Adding events is a union of sets by id: associative, commutative and idempotent.

    ``decided`` and ``expired`` say when (milliseconds since the epoch) a rule was applied and a timer ran out;
    ``timers`` is what is planned.
    """

    events: tuple[str, ...] = ()
    decided: Mapping[str, int] = {}
    expired: Mapping[str, int] = {}
    timers: Mapping[str, int] = {}


class Case:
    """What a rule sees: the events of one ``key``, oldest first however they came, without repetitions."""

    def __init__(self, key: str, snapshot: Snapshot) -> None:
        self.key = key
        self.snapshot = snapshot

    @cached_property
    def events(self) -> tuple[ReceivedEvent, ...]:
        """All of them, by time and stamp."""
        read = (ReceivedEvent.read(envelope) for envelope in self.snapshot.events)
        return tuple(sorted(read, key=lambda event: (event.timestamp, event.stamp, event.id)))

    def __contains__(self, type_: str) -> bool:
        """Whether an event of the type is there."""
        return any(event.type == type_ for event in self.events)

    def all(self, type_: str) -> tuple[ReceivedEvent, ...]:
        """The events of a type, oldest first."""
        return tuple(event for event in self.events if event.type == type_)

    def newest(self, type_: str) -> ReceivedEvent | None:
        """The newest event of a type."""
        found = self.all(type_)
        return found[-1] if found else None

    def entity(self, type_: str, struct: type[T]) -> T:
        """What the newest event of a type carries; raises ``LookupError`` where there is none."""
        event = self.newest(type_)
        if event is None:
            raise LookupError(f"case {self.key} has no {type_}")
        return event.entity(struct)

    def decided(self, rule: str) -> bool:
        """Whether a rule was applied to it; that is never taken back."""
        return rule in self.snapshot.decided

    def decided_at(self, rule: str) -> int:
        """When a rule was applied, in milliseconds since the epoch; raises ``KeyError`` where it was not."""
        return self.snapshot.decided[rule]

    def expired(self, timer: str) -> bool:
        """Whether a timer ran out."""
        return timer in self.snapshot.expired

    def with_event(self, event: ReceivedEvent) -> Self:
        """The case with one more event, or the same where it has it."""
        if any(event.id == one.id for one in self.events):
            return self
        return self._but(events=(*self.snapshot.events, event.envelope))

    def with_decision(self, rule: str, at: int) -> Self:
        """The case after a rule was applied."""
        return self._but(decided={**self.snapshot.decided, rule: at})

    def with_expired(self, timer: str, at: int) -> Self:
        """The case after a timer ran out."""
        return self._but(expired={**self.snapshot.expired, timer: at})

    def with_timers(self, timers: Mapping[str, int]) -> Self:
        """The case with other plans."""
        return self._but(timers=dict(timers))

    def _but(self, **changes: object) -> Self:
        return type(self)(self.key, replace(self.snapshot, **changes))

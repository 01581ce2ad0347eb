"""Events of services that a test does not run."""

from __future__ import annotations

import msgspec

from portico.bff.events import Event, Occasion, Origin, enclose, hub_subject, stamp_of
from portico.bff.hub import Message
from portico.bff.ids import new_id, system_clock
from portico.bff.received_event import ReceivedEvent


def told_by(service: str, event: Event, *, timestamp: int | None = None, actor: str = "someone") -> Message:
    """The message that a service's trigger would publish; ``timestamp`` is in milliseconds since the epoch."""
    at, commit, origin = system_clock() if timestamp is None else timestamp, new_id(), Origin(service, "local")
    occasion = Occasion(at, stamp_of(at, commit), ("commit", "local", commit), at, actor, commit)
    enclosed = enclose(event, msgspec.json.encode(event.entity), 0, origin, occasion)
    return Message(hub_subject(origin, event.type, enclosed.partition_key), enclosed.id, enclosed.body)


def received(event: Event, *, service: str = "elsewhere", timestamp: int | None = None) -> ReceivedEvent:
    """The event as a listener of ours receives it: for `listener.handle(store, received(Event(...)))`."""
    return ReceivedEvent.read(told_by(service, event, timestamp=timestamp).body)

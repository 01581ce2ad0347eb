"""An event as a listener's rule sees it."""

from __future__ import annotations

import builtins
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Self, TypeVar

import msgspec

from portico.bff.deliveries import Arrival
from portico.bff.errors import DeclarationError, EnvelopeRefused
from portico.bff.events import Envelope, hub_subject, origin_of

T = TypeVar("T", bound=msgspec.Struct)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_SECOND: Final = len("2026-01-31T08:15:00")
_USUAL: Final = len("2026-01-31T08:15:00.123Z")
_LONGEST_ID: Final = 200  # characters; it is the key of rows that say what was taken
_decoder = msgspec.json.Decoder(Envelope)


class ReceivedEvent(msgspec.Struct, frozen=True):
    """A fact that a service told of ``subject``; ``data`` is the whole entity as JSON, read with ``entity``.

    ``timestamp`` is when it happened, in milliseconds since the epoch. ``stamp`` orders the events of one subject
    exactly, compared as text. ``source`` is ``/region/service``. ``envelope`` is all of it, as it came.
    """

    id: str
    type: str
    subject: str
    timestamp: int
    stamp: str
    partition_key: str
    source: str
    data: msgspec.Raw
    envelope: str
    actor: str | None = None
    causation_id: str | None = None
    correlation_id: str | None = None
    traceparent: str | None = None
    triggers: tuple[str, ...] = ()

    @classmethod
    def read(cls, envelope: str) -> Self:
        """Read a CloudEvents envelope as JSON; raises ``EnvelopeRefused`` for one that no service of ours made."""
        try:
            read = _decoder.decode(envelope)
            timestamp = _milliseconds(read.time)
        except (msgspec.DecodeError, TypeError, OverflowError, RecursionError) as error:
            raise EnvelopeRefused(str(error)) from error
        if not (read.id and read.type and read.subject and read.stamp and read.data):
            raise EnvelopeRefused("an event needs an id, a type, a subject, a stamp and data")
        if len(read.id) > _LONGEST_ID:
            raise EnvelopeRefused(f"an event's id has at most {_LONGEST_ID} characters")
        # Not every store can hold a NUL, and what cannot be remembered would be tried for ever.
        if "\0" in envelope or ("\\u0000" in envelope and _holds_nul(read)):
            raise EnvelopeRefused("an event holds a NUL outside of its data")
        return cls(
            read.id,
            read.type,
            read.subject,
            timestamp,
            read.stamp,
            read.partitionkey,
            read.source,
            read.data,
            envelope,
            read.actor,
            read.causationid,
            read.correlationid,
            read.traceparent,
            tuple(read.triggers.split(" ")) if read.triggers else (),
        )

    @classmethod
    def arrived(cls, arrival: Arrival) -> Self:
        """Read a message of the hub; raises ``EnvelopeRefused`` also for an event that came on another's subject."""
        try:
            event = cls.read(arrival.body.decode())
        except UnicodeDecodeError as error:
            raise EnvelopeRefused(str(error)) from error
        event.check_subject(arrival.subject)
        return event

    def check_subject(self, subject: str) -> None:
        """Raise ``EnvelopeRefused`` unless the event came on its own hub subject.

        The hub can hold each service to its subjects; what an envelope says of its source is then as good as that.
        """
        try:
            origin = origin_of(self.source)
        except DeclarationError as error:
            raise EnvelopeRefused(str(error)) from error
        if subject != hub_subject(origin, self.type, self.partition_key):
            raise EnvelopeRefused(f"{self.type} of {self.source} does not come on {subject}")

    @property
    def service(self) -> str:
        """The name of the service that told of it."""
        return self.source.rpartition("/")[2]

    def entity(self, struct: builtins.type[T]) -> T:
        """Read the entity. Fields that ``struct`` does not know are ignored; raises ``msgspec.ValidationError``."""
        return msgspec.json.decode(self.data, type=struct)


def _holds_nul(read: Envelope) -> bool:
    return any(isinstance(value, str) and "\0" in value for value in msgspec.structs.astuple(read))


def _milliseconds(time: str) -> int:
    """RFC 3339 as milliseconds since the epoch; quick for what comes from ``rfc3339``, second after second."""
    fraction = time[_SECOND + 1 : -1]
    if len(time) == _USUAL and time[_SECOND] == "." and time[-1] == "Z" and fraction.isascii() and fraction.isdigit():
        return _whole_second(time[:_SECOND]) + int(fraction)
    return _read_time(time)


@lru_cache(maxsize=64)
def _whole_second(time: str) -> int:
    return _read_time(f"{time}Z")


def _read_time(time: str) -> int:
    return (msgspec.convert(time, datetime) - _EPOCH) // _MILLISECOND

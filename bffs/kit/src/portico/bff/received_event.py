"""An event as a listener's rule sees it."""

from __future__ import annotations

import builtins
from datetime import UTC, datetime, timedelta
from typing import Final, Self, TypeVar

import msgspec

from portico.bff.errors import DeclarationError, EnvelopeRefused
from portico.bff.events import Envelope, Origin, hub_subject

T = TypeVar("T", bound=msgspec.Struct)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
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

    @classmethod
    def read(cls, envelope: str) -> Self:
        """Read a CloudEvents envelope as JSON; raises ``EnvelopeRefused`` for one that no service of ours made."""
        try:
            read = _decoder.decode(envelope)
            timestamp = (msgspec.convert(read.time, datetime) - _EPOCH) // _MILLISECOND
        except (msgspec.DecodeError, TypeError, OverflowError, RecursionError) as error:
            raise EnvelopeRefused(str(error)) from error
        if not (read.id and read.type and read.subject and read.stamp and read.data):
            raise EnvelopeRefused("an event needs an id, a type, a subject, a stamp and data")
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
        )

    def check_subject(self, subject: str) -> None:
        """Raise ``EnvelopeRefused`` unless the event came on its own hub subject.

        The hub can hold each service to its subjects; what an envelope says of its source is then as good as that.
        """
        try:
            origin = Origin(self.service, self.source.rpartition("/")[0].removeprefix("/"))
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

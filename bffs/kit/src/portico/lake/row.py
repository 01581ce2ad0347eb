"""An event as the lake keeps it, and how it is read from the hub's message."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from portico.lake.errors import NotAnEvent

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_SUBJECT_PARTS: Final = 6  # evt.<region>.<service>.<at least two parts of a type>.<partition>
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,63}")
"""What a service can be called: it is part of a folder's name."""
_PARTITION: Final = re.compile(r"[0-9]{1,9}")


class HubMessage(msgspec.Struct, frozen=True):
    """A message of the hub's stream: ``sequence`` is its place there, ``arrived`` in milliseconds since the epoch."""

    sequence: int
    subject: str
    body: bytes
    arrived: int


class Row(msgspec.Struct, frozen=True):
    """An event in the lake. ``position`` orders all of them; ``time`` is in milliseconds since the epoch.

    ``envelope`` is without what is personal; ``keys`` and ``boxes`` go together: what one key opens. ``fault`` says why
    a message is no event; then ``position``, ``service``, ``time`` (of its arrival) and ``envelope`` are all there is.
    """

    position: int
    partition: int
    id: str
    time: int
    region: str
    service: str
    type: str
    subject: str
    partition_key: str
    stamp: str
    schema: str
    envelope: str
    correlation_id: str | None = None
    causation_id: str | None = None
    keys: tuple[str, ...] = ()
    boxes: tuple[bytes, ...] = ()
    fault: str | None = None


class _Head(msgspec.Struct, frozen=True):
    id: str
    source: str
    type: str
    time: datetime
    subject: str
    partitionkey: str
    stamp: str
    dataschema: str = ""
    correlationid: str | None = None
    causationid: str | None = None


_head = msgspec.json.Decoder(_Head)


def read(message: HubMessage, position: int) -> Row:
    """Read an event, with all that is personal still in its envelope. Raises ``NotAnEvent``."""
    try:
        envelope = message.body.decode()
        head = _head.decode(envelope)
        time = (head.time - _EPOCH) // _MILLISECOND
    except (UnicodeDecodeError, msgspec.DecodeError, TypeError, OverflowError, RecursionError) as error:
        raise NotAnEvent(str(error)) from error
    parts = message.subject.split(".")
    if len(parts) < _SUBJECT_PARTS or not _PARTITION.fullmatch(parts[-1]) or not _NAME.fullmatch(parts[2]):
        raise NotAnEvent(f"{message.subject} is no subject of events")
    _, region, service, *type_, partition = parts
    if not head.id or head.source != f"/{region}/{service}" or head.type != ".".join(type_):
        raise NotAnEvent(f"{head.type} of {head.source} does not come on {message.subject}")
    return Row(
        position, int(partition), head.id, time, region, service, head.type, head.subject, head.partitionkey,
        head.stamp, head.dataschema, envelope, head.correlationid, head.causationid,
    )  # fmt: skip


def unreadable(message: HubMessage, position: int, error: NotAnEvent) -> Row:
    """Keep what is no event as it came. Its id is the lake's own, so it takes no event's place."""
    parts = message.subject.split(".")
    service = parts[2] if len(parts) > 2 and _NAME.fullmatch(parts[2]) else "unknown"
    body = message.body.decode(errors="replace")
    return Row(
        position, 0, f"unreadable-{position:020}", message.arrived, "", service, "", "", "", "", "", body,
        fault=str(error),
    )  # fmt: skip


def day_of(time: int) -> str:
    """The UTC day of a time in milliseconds since the epoch, as ``2026-01-31``."""
    return (_EPOCH + time * _MILLISECOND).date().isoformat()


def envelope_of(row: Row) -> dict[str, Any]:
    """The envelope as an object."""
    envelope: dict[str, Any] = msgspec.json.decode(row.envelope)
    return envelope

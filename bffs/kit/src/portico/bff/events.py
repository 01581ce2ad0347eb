"""Domain events: what a service says about itself, and the CloudEvents envelope it travels in."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal

import msgspec

from portico.bff.errors import DeclarationError, EventTooLarge
from portico.bff.ids import born_at, derived_id

_TYPE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")
_TOKEN = re.compile(r"[a-z0-9][a-z0-9-]*")

PARTITIONS: Final = 8
"""Into how many subjects the events of one type are spread. Part of the contract with listeners: it stays."""

MAX_EVENT: Final = 900_000
"""Largest envelope in bytes; the hub takes messages of at most 1 MiB, and a refused one would block its partition."""


class Event(msgspec.Struct, frozen=True):
    """A fact in the past tense (``thing.changed``) about ``subject``, carrying the whole ``entity`` as it is now.

    Events of one ``partition_key`` (default: the subject) keep their order on every way. ``schema_version`` is the
    version of the schema beside the service. ``identity`` is what the event's id follows from where that is not the
    commit: the same facts, known anywhere and in any order, tell the same event. ``triggers`` are the ids of the events
    that led to it. ``person`` is the ``sub`` of whom it is about, where the schema does not say so: what is personal in
    it goes with that person. Raises ``DeclarationError`` for a type that is no dotted lower-case name.
    """

    type: str
    subject: str
    entity: msgspec.Struct
    partition_key: str = ""
    schema_version: int = 1
    caused_by: str | None = None
    correlation_id: str | None = None
    identity: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()
    person: str | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be part of a hub's subject."""
        if not _TYPE.fullmatch(self.type):
            raise DeclarationError(f"{self.type!r} is no event type such as 'thing.changed'")
        if not self.subject:
            raise DeclarationError(f"{self.type}: an event needs a subject")


class Envelope(msgspec.Struct, frozen=True, omit_defaults=True):
    """CloudEvents 1.0, structured JSON; the extensions are flat. ``stamp`` orders events exactly, compared as text."""

    id: str
    source: str
    type: str
    time: str
    subject: str
    partitionkey: str
    dataschema: str
    stamp: str
    data: msgspec.Raw
    actor: str | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    triggers: str | None = None
    person: str | None = None
    specversion: Literal["1.0"] | None = None
    datacontenttype: Literal["application/json"] | None = None


class Origin(msgspec.Struct, frozen=True):
    """Where events come from: ``source`` is ``/region/service``. Raises ``DeclarationError`` for unfit names."""

    service: str
    region: str

    def __post_init__(self) -> None:
        """Both are tokens of a subject."""
        for token in (self.service, self.region):
            if not _TOKEN.fullmatch(token):
                raise DeclarationError(f"{token!r} cannot be part of a subject (a-z, 0-9, -)")


class Occasion(msgspec.Struct, frozen=True):
    """The commit that events belong to. ``seed`` and ``born`` (milliseconds since the epoch) make their ids: the
    same command gives the same ids anywhere."""

    timestamp: int
    stamp: str
    seed: tuple[str, ...]
    born: int
    actor: str
    correlation_id: str
    traceparent: str | None = None
    causation_id: str | None = None


class Outgoing(msgspec.Struct, frozen=True):
    """An event ready for the outbox: ``body`` is its envelope as JSON."""

    id: str
    type: str
    subject: str
    partition_key: str
    body: str


def enclose(event: Event, data: bytes, ordinal: int, origin: Origin, occasion: Occasion) -> Outgoing:
    """Put an event, the ``ordinal``-th of its commit, into its envelope. Raises ``EventTooLarge``."""
    id_ = _id_of(event, ordinal, origin, occasion)
    partition_key = event.partition_key or event.subject
    body = msgspec.json.encode(
        Envelope(
            specversion="1.0",
            id=id_,
            source=f"/{origin.region}/{origin.service}",
            type=event.type,
            time=rfc3339(occasion.timestamp),
            subject=event.subject,
            partitionkey=partition_key,
            dataschema=f"urn:portico:{origin.service}:{event.type}:{event.schema_version}",
            datacontenttype="application/json",
            stamp=f"{occasion.stamp}.{ordinal:04d}",
            actor=occasion.actor,
            causationid=event.caused_by or occasion.causation_id,
            correlationid=event.correlation_id or occasion.correlation_id,
            traceparent=occasion.traceparent,
            triggers=" ".join(event.triggers) or None,
            person=event.person,
            data=msgspec.Raw(data),
        )
    )
    if len(body) > MAX_EVENT:
        raise EventTooLarge(event.type, len(body), MAX_EVENT)
    return Outgoing(id_, event.type, event.subject, partition_key, body.decode())


def _id_of(event: Event, ordinal: int, origin: Origin, occasion: Occasion) -> str:
    if event.identity:
        born = born_at(event.identity[0]) or 0
        return derived_id(born, origin.service, "identity", *event.identity, event.type)
    return derived_id(occasion.born, origin.service, *occasion.seed, event.type, event.subject, str(ordinal))


@lru_cache(maxsize=1024)
def origin_of(source: str) -> Origin:
    """The origin that ``/region/service`` means. Raises ``DeclarationError`` for unfit names."""
    region, _, service = source.rpartition("/")
    return Origin(service, region.removeprefix("/"))


def hub_subject(origin: Origin, type_: str, partition_key: str) -> str:
    """``evt.<region>.<service>.<type>.<partition>``; one partition key is always in one partition."""
    partition = zlib.crc32(partition_key.encode()) % PARTITIONS
    return f"evt.{origin.region}.{origin.service}.{type_}.{partition}"


def stamp_of(timestamp: int, commit: str) -> str:
    """What orders commits exactly, compared as text: their time, then their id."""
    return f"{timestamp:015d}-{commit}"


def rfc3339(milliseconds: int) -> str:
    """Milliseconds since the epoch as ``2026-01-31T08:15:00.123Z`` (RFC 3339)."""
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03d}Z"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"

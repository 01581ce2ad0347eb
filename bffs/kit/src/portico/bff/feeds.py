"""What a command or a rule tells people: messages on the feeds of persons and tenants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from portico.bff.errors import DeclarationError, EventTooLarge
from portico.bff.events import Occasion, Origin
from portico.bff.ids import derived_id
from portico.feed import FeedMessage, person_subject, tenant_subject

_TYPE = re.compile(r"[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+")
_PATH = re.compile(r"/(?![/\\])[!-~]*")

NOTICE: Final = "notice"
"""The type of a message that the platform itself shows to the person."""

MAX_MESSAGE: Final = 64 * 1024
"""Largest body in bytes: a page that was away catches up on many of them at once."""

TOLD_MS: Final = 7 * 24 * 3600 * 1000
"""How long a message stays in the outbox after the hub has it."""

Data = msgspec.Struct | Mapping[str, Any]
"""What a message carries."""


class Notice(msgspec.Struct, frozen=True):
    """Words for a person, shown in the inbox and as a notification; ``href`` is the path to go to.

    Raises ``DeclarationError`` without a title, or for an ``href`` that is not a path of this origin.
    """

    title: str
    body: str = ""
    href: str = "/"

    def __post_init__(self) -> None:
        """Refuse what could not be shown, or would lead away."""
        if not self.title.strip():
            raise DeclarationError("a notice needs a title")
        if not _PATH.fullmatch(self.href):
            raise DeclarationError(f"{self.href!r} is no path of this origin")


class Telling(msgspec.Struct, frozen=True):
    """A message for one feed, with its data as JSON, as it waits for the commit."""

    target: str
    type: str
    data: bytes


class FeedRow(msgspec.Struct, frozen=True):
    """A message ready for the outbox: ``target`` is the feed's subject, ``body`` a ``FeedMessage`` as JSON."""

    id: str
    type: str
    target: str
    body: str


def telling(type_: str, data: Data, *, person: str | None, tenant: str | None) -> Telling:
    """Address a message. Raises ``DeclarationError`` unless it is for one feed and its type is a dotted name."""
    if type_ != NOTICE and not _TYPE.fullmatch(type_):
        raise DeclarationError(f"{type_!r} is no message type such as 'things.thing-changed'")
    if person and tenant is None:
        target = person_subject(person)
    elif tenant and person is None:
        target = tenant_subject(tenant)
    else:
        raise DeclarationError(f"{type_}: a message is for a person or for a tenant")
    return Telling(target, type_, msgspec.json.encode(data))


def address(message: Telling, ordinal: int, origin: Origin, occasion: Occasion) -> FeedRow:
    """Give a message, the ``ordinal``-th of its commit, its id and body. Raises ``EventTooLarge``."""
    parts = (origin.service, *occasion.seed, "feed", message.target, message.type, str(ordinal))
    body = msgspec.json.encode(FeedMessage(message.type, occasion.timestamp, msgspec.Raw(message.data)))
    if len(body) > MAX_MESSAGE:
        raise EventTooLarge(message.type, len(body), MAX_MESSAGE)
    return FeedRow(derived_id(occasion.born, *parts), message.type, message.target, body.decode())

"""Declares what a service does with the events of others; `create_bff(..., listener=...)` runs it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from portico.bff.cause import Cause
from portico.bff.errors import DeclarationError
from portico.bff.patterns import checked, matches
from portico.bff.received_event import ReceivedEvent
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import UniqueViolation

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

Handler = Callable[[ReceivedEvent, UnitOfWork], Awaitable[None]]
"""A rule's body. It reads and writes through the unit of work alone, for it may run again; it does not commit."""

H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done with the events of a type."""

    id: str
    pattern: str
    handler: Handler
    own: bool
    by: frozenset[str] | None

    def wants(self, event: ReceivedEvent, service: str) -> bool:
        """Whether the rule of this service takes the event."""
        is_heard = self.own or event.service != service
        return is_heard and matches(self.pattern, event.type) and (self.by is None or event.service in self.by)


class Listener:
    """Rules over events, made once as a module constant::

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        thing = event.entity(Thing)
        await uow.fold(THING, thing.id, thing, owner=thing.owner)
    """

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order of their declaration."""
        return tuple(self._rules.values())

    def on(
        self,
        pattern: str,
        *,
        id: str,  # noqa: A002
        by: Collection[str] | None = None,
        own: bool = False,
    ) -> Callable[[H], H]:
        """Declare a rule for the event types that ``pattern`` means; ``*`` is one whole part of the name.

        ``id`` is the rule's stable name: an event is taken once under it. A new id sees all events the hub still has,
        from the first. ``by`` names the services that are believed; None: every one. ``own`` lets it hear what its own
        service emits as well. Raises ``DeclarationError``.
        """
        if not _ID.fullmatch(id):
            raise DeclarationError(f"{id!r} is no id of a rule (a-z, 0-9, -; at most 63)")
        if id in self._rules:
            raise DeclarationError(f"there are two rules {id!r}")
        checked(pattern)
        if isinstance(by, str):
            raise DeclarationError(f"rule {id!r}: by is a list of services, not one text")

        def declare(handler: H) -> H:
            self._rules[id] = Rule(id, pattern, handler, own, None if by is None else frozenset(by))
            return handler

        return declare

    async def handle(self, store: EntityStore, event: ReceivedEvent) -> int:
        """Take one event through the rules that want it and have not had it; return how many did.

        No retries and no faults: whatever a rule raises is raised. For tests, and for handing events in again.
        """
        return sum([await take(rule, store, event) for rule in self.rules if rule.wants(event, store.origin.service)])


async def take(rule: Rule, store: EntityStore, event: ReceivedEvent) -> bool:
    """Run a rule over an event and commit its effect with the inbox row; False when it was taken before.

    Raises what the rule and the commit raise; then nothing has happened.
    """
    if await _taken(rule, store, event):
        return False
    async with store.caused_unit_of_work(Cause(event, rule.id)) as uow:
        await rule.handler(event, uow)
        try:
            await uow.commit()
        except UniqueViolation as error:
            if error.table != "inbox":
                raise
            return False  # another delivery of it was quicker
    return True


async def _taken(rule: Rule, store: EntityStore, event: ReceivedEvent) -> bool:
    rows = await store.database.read("SELECT 1 FROM inbox WHERE event_id = $1 AND rule = $2", (event.id, rule.id))
    return bool(rows)

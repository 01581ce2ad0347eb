"""Declares what a service does with the events of others; `create_bff(..., listener=...)` runs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from portico.bff.entity import EntityType
from portico.bff.errors import DeclarationError
from portico.bff.patterns import checked
from portico.bff.received_event import ReceivedEvent
from portico.bff.rule import Filter, Grouping, Handler, Rule
from portico.bff.store import EntityStore
from portico.bff.taking import take

MOST: Final = 1000
"""The largest batch of a rule."""

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")

H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Projection:
    """What some rules have made of events, and can make of them again."""

    name: str
    rules: tuple[str, ...]
    kinds: tuple[EntityType[Any], ...]


class Listener:
    """Rules over events, made once as a module constant::

    @listener.on("thing.changed", id="t1")
    async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
        thing = event.entity(Thing)
        await uow.fold(THING, thing.id, thing, owner=thing.owner)
    """

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._projections: dict[str, Projection] = {}

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order of their declaration."""
        return tuple(self._rules.values())

    @property
    def projections(self) -> Mapping[str, Projection]:
        """What operators may build anew, by name."""
        return self._projections

    def projection(self, name: str, *, rules: Collection[str], kinds: Collection[EntityType[Any]]) -> None:
        """Declare what operators may build anew: all ``kinds`` that these rules write, and all rules that write them.

        They write nothing else, and what else they would say is not said again. Raises ``DeclarationError``.
        """
        if not _ID.fullmatch(name) or name in self._projections:
            raise DeclarationError(f"{name!r} is no name of a projection (a-z, 0-9, -; at most 63; each once)")
        if missing := sorted(set(rules) - self._rules.keys()):
            raise DeclarationError(f"projection {name!r}: there is no rule {missing[0]!r}")
        others = self._projections.values()
        twice = {rule for one in others for rule in one.rules} & set(rules)
        twice |= {kind.discriminator for one in others for kind in one.kinds} & {one.discriminator for one in kinds}
        if twice or not rules or not kinds:
            said = f"{min(twice)!r} is of another" if twice else "it needs rules and kinds"
            raise DeclarationError(f"projection {name!r}: {said}")
        self._projections[name] = Projection(name, tuple(sorted(rules)), tuple(kinds))

    def on(
        self,
        pattern: str,
        *,
        id: str,  # noqa: A002
        by: Collection[str] | None = None,
        own: bool = False,
        filter: Filter | None = None,  # noqa: A002
        batch: int = 1,
        group: Grouping | None = None,
        compact: bool = False,
        rate: float | None = None,
        reads: type[msgspec.Struct] | None = None,
    ) -> Callable[[H], H]:
        """Declare a rule for the event types that ``pattern`` means; ``*`` is one whole part of the name.

        ``id`` is the rule's stable name: an event is taken once under it. A new id sees all events the hub still has,
        from the first. ``by`` names the services that are believed; None: every one. ``own`` lets it hear what its own
        service emits as well. ``filter`` says which of them are wanted.

        ``batch`` events share a transaction, if so many are there: the handler is called for each, and sees what it
        wrote for those before; when one of them fails, it alone becomes a fault. With ``group``, only events with the
        same key of it do. With ``compact``, the handler sees only the newest of a batch, for each group or subject:
        for rules that fold the whole entity. ``rate`` is how many events a second it takes at most, in each process.
        ``reads`` is what the handler reads of the event's entity: operators are shown that much of an event that fails.
        Raises ``DeclarationError``.
        """
        if not _ID.fullmatch(id):
            raise DeclarationError(f"{id!r} is no id of a rule (a-z, 0-9, -; at most 63)")
        if id in self._rules:
            raise DeclarationError(f"there are two rules {id!r}")
        checked(pattern)
        if isinstance(by, str):
            raise DeclarationError(f"rule {id!r}: by is a list of services, not one text")

        if not 1 <= batch <= MOST:
            raise DeclarationError(f"rule {id!r}: a batch is of 1 to {MOST} events")
        if batch == 1 and (compact or group is not None):
            raise DeclarationError(f"rule {id!r}: of single events nothing is grouped; say batch=100")
        if rate is not None and rate <= 0:
            raise DeclarationError(f"rule {id!r}: rate is a number of events per second")
        believed = None if by is None else frozenset(by)

        def declare(handler: H) -> H:
            self._rules[id] = Rule(id, pattern, handler, own, believed, filter, batch, group, compact, rate, reads)
            return handler

        return declare

    async def handle(self, store: EntityStore, event: ReceivedEvent) -> int:
        """Take one event through the rules that want it and have not had it; return how many did.

        No retries and no faults: whatever a rule raises is raised. For tests, and for handing events in again.
        """
        rules = [rule for rule in self.rules if rule.wants(event, store.origin.service)]
        return sum([await take(rule, store, [event]) for rule in rules])

"""A control service's rules: collect, correlate, collate, evaluate, emit, expire."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec.structs import replace

from portico.bff.agenda import Agenda
from portico.bff.control.case import Case, Snapshot
from portico.bff.entity import EntityType
from portico.bff.errors import DeclarationError
from portico.bff.events import Event
from portico.bff.listener import Listener
from portico.bff.parts import Parts
from portico.bff.received_event import ReceivedEvent
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork

Keys = Callable[[ReceivedEvent], str | Collection[str]]
"""The keys of the cases that an event belongs to."""

Consequence = Callable[[Case], Iterable[Event]]
"""The higher-order events that follow; it looks at the case alone."""

_DAY: Final = 24 * 3600


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    when: Callable[[Case], bool]
    then: Consequence
    final: bool


class Control:
    """What several events mean together, declared over a listener and an agenda (Gilbert: control service)::

        pairs = Control("pair", listener, agenda)
        pairs.collect("left.made", id="left", key=lambda event: event.subject)
        pairs.collect("right.made", id="right", key=lambda event: event.subject)
        pairs.expire("patience", lambda case: None if "right.made" in case else case.events[0].timestamp + 60_000)

        @pairs.rule("join", when=lambda case: "left.made" in case and "right.made" in case)
        def join(case: Case) -> Iterable[Event]:
            yield Event("pair.joined", case.key, case.entity("right.made", Right))

    Each event is kept with its case and every rule that then holds is applied once, all in one transaction. Rules see
    the set of events, not their order; a rule that must not follow another asks ``case.decided``. The ids of what is
    emitted follow from case, rule and number, so whichever event came last, the same is told. Finished cases are kept
    for ``keep_days``.
    """

    def __init__(self, name: str, listener: Listener, agenda: Agenda, *, keep_days: int = 90) -> None:
        self.name = name
        self.kind = EntityType(f"case-{name}", Snapshot)
        self._listener = listener
        self._agenda = agenda
        self._keep_s = keep_days * _DAY
        self._rules: list[_Rule] = []
        self._timers: dict[str, Callable[[Case], int | None]] = {}
        agenda.task(self.kind.discriminator)(self._run_out)

    def collect(
        self,
        pattern: str,
        *,
        id: str,  # noqa: A002
        key: Keys,
        by: Collection[str] | None = None,
        own: bool = False,
        reads: type[msgspec.Struct] | None = None,
    ) -> None:
        """Keep the events that ``pattern`` means with the case or cases of ``key``; the rest as ``Listener.on``.

        What cannot be decoded as ``reads`` is a fault and no part of a case: it would fail every rule and timer of it.
        """

        @self._listener.on(pattern, id=f"{self.name}-{id}", by=by, own=own, reads=reads)
        async def take(event: ReceivedEvent, uow: UnitOfWork) -> None:
            if reads is not None:
                event.entity(reads)
            found = key(event)
            for one in dict.fromkeys([found] if isinstance(found, str) else found):
                case = await self.read(uow, one)
                await self._keep(uow, case.with_event(event))

    def rule(
        self,
        id: str,  # noqa: A002
        *,
        when: Callable[[Case], bool],
        final: bool = False,
    ) -> Callable[[Consequence], Consequence]:
        """Declare what follows, once per case, as soon as ``when`` holds. After a ``final`` rule the case has an end.

        Raises ``DeclarationError`` for an id that is taken.
        """
        if any(rule.id == id for rule in self._rules):
            raise DeclarationError(f"control {self.name!r} has two rules {id!r}")

        def declare(then: Consequence) -> Consequence:
            self._rules.append(_Rule(id, when, then, final))
            return then

        return declare

    def expire(self, timer: str, due: Callable[[Case], int | None]) -> None:
        """Have a timer run out at ``due`` (milliseconds since the epoch; None: there is nothing to wait for).

        It is asked again after every change; a timer that ran out is told by ``case.expired``, and does so once.
        """
        if timer in self._timers:
            raise DeclarationError(f"control {self.name!r} has two timers {timer!r}")
        self._timers[timer] = due

    async def read(self, uow: UnitOfWork, key: str) -> Case:
        """The case of a key; one without events where nothing is known of it."""
        stored = await uow.get(self.kind, key)
        return Case(key, stored.entity if stored else Snapshot())

    async def _keep(self, uow: UnitOfWork, case: Case) -> None:
        case = self._planned(uow, self._evaluated(uow, case))
        ends = [case.decided_at(rule.id) for rule in self._rules if rule.final and case.decided(rule.id)]
        ttl = max(ends) // 1000 + self._keep_s if ends else None
        await uow.put(self.kind, case.key, case.snapshot, owner=f"control:{self.name}", ttl=ttl)

    def _evaluated(self, uow: UnitOfWork, case: Case) -> Case:
        """Apply every rule that holds, until none does: each changes what the others see."""
        while rule := next((one for one in self._rules if not case.decided(one.id) and one.when(case)), None):
            events = [*rule.then(case)]
            for number, event in enumerate(events):
                uow.emit(self._derived(case, rule, number, event))
            case = case.with_decision(rule.id, uow.now())
        return case

    def _derived(self, case: Case, rule: _Rule, number: int, event: Event) -> Event:
        first = case.events[0]
        return replace(
            event,
            identity=event.identity or (case.key, self.name, rule.id, str(number)),
            correlation_id=event.correlation_id or first.correlation_id or first.id,
            triggers=event.triggers or tuple(one.id for one in case.events),
        )

    def _planned(self, uow: UnitOfWork, case: Case) -> Case:
        wanted = {
            timer: at
            for timer, due in self._timers.items()
            if not case.expired(timer) and (at := due(case)) is not None
        }
        for timer, at in wanted.items():
            if case.snapshot.timers.get(timer) != at:
                self._agenda.plan(uow, self.kind.discriminator, f"{timer}/{case.key}", at=at)
        for timer in case.snapshot.timers.keys() - wanted.keys():
            self._agenda.cancel(uow, self.kind.discriminator, f"{timer}/{case.key}")
        return case.with_timers(wanted)

    async def _run_out(self, parts: Parts, entry: str) -> None:
        """A timer's time has come, unless the case has moved on."""
        timer, _, key = entry.partition("/")
        store = parts.get(EntityStore)
        async with store.system_unit_of_work(f"control {self.name}") as uow:
            case = await self.read(uow, key)
            due = self._timers[timer](case) if timer in self._timers else None
            if due is None or due > uow.now() or case.expired(timer):
                return
            await self._keep(uow, case.with_expired(timer, uow.now()))
            await uow.commit()

"""A rule at work: tries, splits what fails, and keeps as a fault what cannot be taken."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from portico.bff import faults
from portico.bff.errors import ConflictError
from portico.bff.metrics import RuleMeter
from portico.bff.pace import Pace
from portico.bff.received_event import ReceivedEvent
from portico.bff.rule import Rule
from portico.bff.store import EntityStore
from portico.bff.taking import HandlerFailed, attempt, fresh
from portico.sql import StoreUnavailable

_log = logging.getLogger("portico.bff.listener")

TRIES: Final = 5
"""How often a rule may fail on an event before that is recorded as a fault."""


class Worker:
    """Takes events through one rule. ``pause`` waits before another try; it is told how many failed."""

    def __init__(
        self,
        rule: Rule,
        store: EntityStore,
        meter: RuleMeter,
        *,
        pause: Callable[[int], Awaitable[None]],
        pace: Pace | None = None,
    ) -> None:
        self.rule = rule
        self._store = store
        self._meter = meter
        self._pause = pause
        self._pace = pace

    async def take(self, events: Sequence[ReceivedEvent]) -> None:
        """Take events, in order, that the rule has not had.

        Raises ``StoreUnavailable``: that is no event's doing, and another would fare no better.
        """
        for portion in self.rule.portions([event for event in events if self._may_pass(event)]):
            if self._pace is not None:
                await self._pace.wait(len(portion))
            await self._take(portion)

    def _may_pass(self, event: ReceivedEvent) -> bool:
        try:
            return self.rule.passes(event)
        except Exception:  # noqa: BLE001 (it is asked again where its errors become faults)
            return True

    async def _take(self, events: Sequence[ReceivedEvent]) -> None:
        """Take a portion; of one that fails each half by itself, so that in the end only what fails is a fault."""
        for number in range(1, TRIES + 1):
            began = time.perf_counter()
            try:
                count = await attempt(self.rule, self._store, events)
            except HandlerFailed as failure:
                error = failure.__cause__
                if isinstance(error, StoreUnavailable):
                    raise error from None
                self._meter.failed()
                _log.debug("rule %s, %d events, try %d: %r", self.rule.id, len(events), number, error)
                if number == TRIES or (len(events) > 1 and not isinstance(error, ConflictError)):
                    await self._split(events, failure)
                    return
                self._meter.retried()
                await self._pause(number)
            else:
                if count:
                    age = (self._store.now() - events[0].timestamp) / 1000
                    self._meter.took(count, seconds=time.perf_counter() - began, age=age)
                return

    async def _split(self, events: Sequence[ReceivedEvent], failure: HandlerFailed) -> None:
        if len(events) > 1:
            middle = len(events) // 2
            await self._take(events[:middle])
            await self._take(events[middle:])
            return
        if not await fresh(self.rule, self._store, events):
            return  # another process took it: what that wrote was in the way
        service, now = self._store.origin.service, self._store.now()
        error = failure.__cause__ or failure
        await keep_fault(
            self._store, faults.fault_of(service, self.rule.id, events[0], error, now, work=faults.work_of(failure.uow))
        )
        self._meter.gave_up()


async def keep_fault(store: EntityStore, fault: faults.Fault) -> None:
    """Record a fault, and say so."""
    await faults.record(store, fault)
    _log.error(
        "fault %s: rule %r failed on event %s (%s): %s: %s",
        fault.id,
        fault.rule,
        fault.event_id,
        fault.event_type,
        fault.error,
        fault.message,
    )

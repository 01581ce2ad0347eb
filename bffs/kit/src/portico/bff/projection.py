"""Builds what rules have made of events anew, beside what is live, and puts it in its place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from portico.bff.cause import Cause
from portico.bff.deliveries import Arrival, Consumer, Position
from portico.bff.entity import EntityType
from portico.bff.errors import DeclarationError, EnvelopeRefused
from portico.bff.hub import Hub
from portico.bff.intake import consumers
from portico.bff.listener import Listener
from portico.bff.metrics import Meters
from portico.bff.places import Place
from portico.bff.rebuild import swap
from portico.bff.received_event import ReceivedEvent
from portico.bff.rule import Rule
from portico.bff.store import EntityStore
from portico.bff.taking import fresh
from portico.bff.unit_of_work import UnitOfWork
from portico.bff.worker import Worker
from portico.sql import Statement

_BATCH: Final = 1000
_MOST: Final = 2000

Past = Callable[[Consumer, Position], AsyncIterator[tuple[Position, Sequence[ReceivedEvent]]]]
"""The events of a partition behind a place, in the order of the hub, each portion with the place of its last."""


class Rebuild:
    """Takes all events through rules once more, into rows of a ``generation`` beside the live ones.

    ``kinds`` are all that these rules write. What was done is kept: after a crash it goes on where it was, if the name
    of the generation is the same. The live rules go on meanwhile. Nobody is told anything. ``with_swap`` makes
    statements that are committed with the swap, and may refuse it. Raises ``DeclarationError`` for rules that the
    listener does not have.
    """

    def __init__(
        self,
        listener: Listener,
        store: EntityStore,
        generation: str,
        *,
        rules: Collection[str],
        kinds: Collection[EntityType[Any]],
        with_swap: Callable[[], Sequence[Statement]] = tuple,
    ) -> None:
        self._rules = [rule for rule in listener.rules if rule.id in rules]
        if len(self._rules) != len(set(rules)) or not rules:
            raise DeclarationError(f"the listener does not have all of these rules: {', '.join(sorted(rules))}")
        self._store = store
        self._generation = generation
        self._kinds = kinds
        self._with_swap = with_swap
        self._consumers = consumers(listener, store.origin.service)

    async def run(self, past: Past) -> None:
        """Take what was, then put the new rows in the place of the live ones, then take what came meanwhile."""
        await self.build(past)
        await self.finish(past)

    async def build(self, past: Past) -> None:
        """Take what was, then put the new rows in the place of the live ones; ``finish`` must follow."""
        beside = _Beside(self._store, self._generation, self._kinds)
        workers = [self._worker(self._anew(rule), beside) for rule in self._rules]
        await _all(self._catch_up(consumer, past, workers) for consumer in self._consumers)
        more = [*self._with_swap(), *self._handover(await self._reached())]
        rules = [self._anew(rule).id for rule in self._rules]
        await swap(self._store, self._generation, self._kinds, more, rules=rules)

    async def finish(self, past: Past) -> None:
        """Take what came meanwhile, whatever the live listener notes as its place. Repeating it is harmless."""
        live = [self._worker(rule, self._store) for rule in self._rules]
        for consumer, at in zip(self._consumers, await self._reached(), strict=True):
            async for _, events in past(consumer, at):
                await self._take(live, events)

    async def _reached(self) -> Sequence[Position]:
        return [await Place(self._store, self._name(one), 0).find() for one in self._consumers]

    def _anew(self, rule: Rule) -> Rule:
        """The rule under an id of its own, so that the inbox takes the events once more; as fast as it can."""
        return replace(rule, id=f"{rule.id}~{self._generation}", batch=max(rule.batch, _BATCH), rate=None)

    def _worker(self, rule: Rule, store: EntityStore) -> Worker:
        async def pause(failures: int) -> None:
            await asyncio.sleep(0.05 * 2**failures)

        return Worker(rule, store, Meters(store.origin.service).of(rule), pause=pause)

    def _name(self, consumer: Consumer) -> str:
        return f"{consumer.name}~{self._generation}"

    async def _catch_up(self, consumer: Consumer, past: Past, workers: Sequence[Worker]) -> None:
        place = Place(self._store, self._name(consumer), 0)
        at = await place.find()
        await place.claim()
        async for position, events in past(consumer, at):
            await self._take(workers, events)
            await place.reached(position)

    async def _take(self, workers: Sequence[Worker], events: Sequence[ReceivedEvent]) -> None:
        service = self._store.origin.service
        for worker in workers:
            wanted = [event for event in events if worker.rule.wants(event, service)]
            await worker.take(await fresh(worker.rule, self._store, wanted))

    def _handover(self, reached: Sequence[Position]) -> list[Statement]:
        """What was taken anew is what was taken; the live listener goes on from there, whoever reads.

        A fault is over when its event was taken anew, or is a fault of that. Every other one stays, and its event is
        not taken until somebody hands it in again: else it would be taken twice then.
        """
        statements = []
        for rule in self._rules:
            ids = (self._anew(rule).id, rule.id)
            # Again after a crash it finds nothing, and must then change nothing.
            any_ = "EXISTS (SELECT 1 FROM inbox WHERE rule = $1)"
            anew = "EXISTS (SELECT 1 FROM inbox WHERE rule = $1 AND inbox.event_id = faults.event_id)"
            faulty = "SELECT event_id FROM faults WHERE rule = $2"
            statements += [
                Statement(f"DELETE FROM faults WHERE rule = $2 AND {anew}", ids),  # noqa: S608
                Statement(f"DELETE FROM inbox WHERE rule = $2 AND {any_} AND event_id NOT IN ({faulty})", ids),  # noqa: S608
                Statement("UPDATE inbox SET rule = $2 WHERE rule = $1", ids),
                Statement("UPDATE faults SET rule = $2 WHERE rule = $1", ids),
            ]
        for consumer, at in zip(self._consumers, reached, strict=True):
            back = (
                "UPDATE places SET stream = $1, seq = $2, holder = '', until = 0"
                " WHERE consumer = $3 AND (stream <> $1 OR seq > $2)"
            )
            statements.append(Statement(back, (at.stream, at.seq, consumer.name)))
        return statements


async def _all(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Do them side by side; when one fails, none goes on."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def past_of(hub: Hub) -> Past:
    """What the hub has, up to the newest event that is there when it is asked."""

    async def past(consumer: Consumer, after: Position) -> AsyncIterator[tuple[Position, Sequence[ReceivedEvent]]]:
        async def there() -> Position:
            return after

        reader = await hub.read(consumer, there)
        try:
            left = reader.pending
            while left > 0:
                arrived = await reader.next(min(_MOST, left))
                left -= len(arrived)
                yield arrived[-1].position, [event for one in arrived if (event := _event(one)) is not None]
        finally:
            await reader.close()

    return past


def _event(arrival: Arrival) -> ReceivedEvent | None:
    """What was no event became a fault when it was first read."""
    try:
        return ReceivedEvent.arrived(arrival)
    except EnvelopeRefused:
        return None


class _Beside(EntityStore):
    """The same store, whose rules write beside the live rows."""

    def __init__(self, store: EntityStore, generation: str, kinds: Collection[EntityType[Any]]) -> None:
        vars(self).update(vars(store))
        self._generation = generation
        self._kinds = kinds

    def caused_unit_of_work(self, *causes: Cause) -> UnitOfWork:
        """See ``EntityStore.caused_unit_of_work``."""
        return self.rebuilding_unit_of_work(self._generation, self._kinds, *causes)

"""One rule, some events, one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from portico.bff.cause import Cause
from portico.bff.received_event import ReceivedEvent
from portico.bff.rule import Rule
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.cancellation import ends_this_task
from portico.sql import Statement, UniqueViolation


class HandlerFailed(Exception):
    """A rule failed on events; ``uow`` is what it would have written, the cause why. It never leaves the kit."""

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__()
        self.uow = uow


async def take(rule: Rule, store: EntityStore, events: Sequence[ReceivedEvent]) -> int:
    """Run a rule over events and commit the effect with their rows of the inbox; return how many that were.

    What it had before, and what its filter does not let through, is passed over. Raises what the rule and the commit
    raise; then nothing has happened.
    """
    try:
        return await attempt(rule, store, await fresh(rule, store, events))
    except HandlerFailed as failure:
        raise failure.__cause__ or failure from None


async def attempt(
    rule: Rule, store: EntityStore, events: Sequence[ReceivedEvent], guards: Sequence[Statement] = ()
) -> int:
    """The same for events that the rule has not had; raises ``HandlerFailed`` from whatever it was.

    The ``guards`` are run before everything else of the commit.
    """
    if not events:
        return 0
    causes = {event.id: Cause(event, rule.id) for event in events}
    async with store.caused_unit_of_work(*causes.values()) as uow:
        try:
            uow.guard(guards)
            for event in rule.heeded([event for event in events if rule.passes(event)]):
                uow.turn_to(causes[event.id])
                await rule.handler(event, uow)
            await uow.commit()
        except UniqueViolation as error:
            if error.table != "inbox":
                raise HandlerFailed(uow) from error
            return await take(rule, store, events) if len(events) > 1 else 0  # another delivery was quicker
        except (Exception, asyncio.CancelledError) as error:  # a rule may raise anything
            if isinstance(error, asyncio.CancelledError) and ends_this_task():
                raise
            raise HandlerFailed(uow) from error
    return len(events)


async def fresh(rule: Rule, store: EntityStore, events: Sequence[ReceivedEvent]) -> list[ReceivedEvent]:
    """Those that the rule has not had, each once."""
    ids = list(dict.fromkeys(event.id for event in events))
    taken = await taken_of(store, ids)
    by_id = {event.id: event for event in reversed(events)}
    return [by_id[id_] for id_ in ids if (id_, rule.id) not in taken]


async def taken_of(store: EntityStore, ids: Sequence[str]) -> set[tuple[str, str]]:
    """Which of these events were taken, each with the rule that took it."""
    if not ids:
        return set()
    given = msgspec.json.encode(list(ids)).decode()
    rows = await store.database.read(
        f"SELECT event_id, rule FROM inbox WHERE event_id IN ({store.engine.members('$1')})",  # noqa: S608
        (given,),
    )
    return {(str(row[0]), str(row[1])) for row in rows}

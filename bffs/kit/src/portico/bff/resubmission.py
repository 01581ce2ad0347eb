"""Taking a fault's event through its rule again."""

from __future__ import annotations

import contextlib

from portico.bff.errors import EnvelopeRefused, FaultRemains
from portico.bff.faults import Fault, drop, failed_again, fault_with, work_of
from portico.bff.listener import Listener
from portico.bff.received_event import ReceivedEvent
from portico.bff.rule import Rule
from portico.bff.store import EntityStore
from portico.bff.taking import HandlerFailed, attempt
from portico.sql import ExpectationFailed, Statement, StoreUnavailable


async def resubmit(listener: Listener, store: EntityStore, id_: str) -> bool:
    """Take the event once more; its effect and the end of the fault are one commit. False: there is no such fault.

    Of several attempts at once, one takes effect. Raises ``FaultRemains`` when the rule fails again or is no longer
    there, or when the message still is no event.
    """
    fault = await fault_with(store, id_)
    if fault is None:
        return False
    try:
        event = ReceivedEvent.read(fault.envelope)
        if not fault.rule:
            event.check_subject(fault.subject)  # nobody is to speak for others by way of an operator
    except EnvelopeRefused as error:
        raise FaultRemains(fault.id, f"it still is no event: {error}") from error
    if not fault.rule:
        await _first_time(listener, store, event, fault)
        await drop(store, fault.id)
        return True
    rule = next((rule for rule in listener.rules if rule.id == fault.rule), None)
    if rule is None:
        raise FaultRemains(fault.id, f"there is no rule {fault.rule!r} any more")
    return await _again(rule, store, event, fault)


async def _first_time(listener: Listener, store: EntityStore, event: ReceivedEvent, fault: Fault) -> None:
    """Through every rule that wants it; repeating it is harmless."""
    try:
        await listener.handle(store, event)
    except StoreUnavailable:
        raise
    except Exception as error:
        raise FaultRemains(fault.id, f"{type(error).__name__}: {error}") from error


async def _again(rule: Rule, store: EntityStore, event: ReceivedEvent, fault: Fault) -> bool:
    guards = [
        Statement("DELETE FROM faults WHERE id = $1", (fault.id,), expect=1),
        Statement("DELETE FROM inbox WHERE event_id = $1 AND rule = $2", (event.id, rule.id)),
    ]
    try:
        await attempt(rule, store, [event], guards)
    except HandlerFailed as failure:
        error = failure.__cause__
        if isinstance(error, StoreUnavailable):
            raise error from None
        if await fault_with(store, fault.id) is None:
            return True  # another was quicker, and did it: what it wrote may be what was in the way
        with contextlib.suppress(ExpectationFailed):
            await failed_again(store, fault.id, error or failure, work_of(failure.uow))
        raise FaultRemains(fault.id, f"{type(error).__name__}: {error}") from error
    return True

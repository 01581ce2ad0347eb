"""Events that a rule could not take: kept with their error, so that the others go on and nothing is lost."""

from __future__ import annotations

from typing import Final

import msgspec

from portico.bff.ids import derived_id
from portico.bff.received_event import ReceivedEvent
from portico.bff.store import EntityStore
from portico.sql import Statement

_LONGEST: Final = 2000  # characters of an error's words


class Fault(msgspec.Struct, frozen=True):
    """An event that ``rule`` failed on after all its tries. ``rule`` is empty for what is no envelope at all.

    Its ``id`` follows from service, rule and event, so one event makes one fault per rule. ``error`` is the exception's
    name, ``message`` its words, ``envelope`` the event as it came, ``created_at`` milliseconds since the epoch.
    """

    id: str
    rule: str
    event_id: str
    event_type: str
    partition_key: str
    error: str
    message: str
    envelope: str
    created_at: int


def fault_of(service: str, rule: str, event: ReceivedEvent, error: BaseException, now: int) -> Fault:
    """Describe what happened."""
    id_ = derived_id(event.timestamp, service, "fault", rule, event.id)
    name, words = type(error).__name__, str(error)[:_LONGEST]
    return Fault(id_, rule, event.id, event.type, event.partition_key, name, words, event.envelope, now)


def unreadable(service: str, message_id: str, body: str, error: BaseException, now: int) -> Fault:
    """Describe a message that is no event."""
    id_ = derived_id(0, service, "fault", "", message_id or body)
    return Fault(id_, "", message_id, "", "", type(error).__name__, str(error)[:_LONGEST], body, now)


async def record(store: EntityStore, fault: Fault) -> None:
    """Keep a fault, and with it in one commit the inbox row that lets the partition go on. Repeating it is harmless."""
    group = [
        Statement(
            "INSERT INTO faults (id, rule, event_id, event_type, partition_key, error, message, envelope, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
            msgspec.structs.astuple(fault),
        )
    ]
    if fault.rule:
        group.append(
            Statement(
                "INSERT INTO inbox (event_id, rule, handled_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                (fault.event_id, fault.rule, fault.created_at),
            )
        )
    await store.database.write(group)


async def faults(store: EntityStore, limit: int = 100) -> list[Fault]:
    """Return the faults that wait for somebody, oldest first."""
    rows = await store.database.read(
        "SELECT id, rule, event_id, event_type, partition_key, error, message, envelope, created_at FROM faults"
        " ORDER BY created_at, id LIMIT $1",
        (limit,),
    )
    return [Fault(*msgspec.convert(row, tuple[str, str, str, str, str, str, str, str, int])) for row in rows]

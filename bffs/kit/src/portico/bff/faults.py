"""Events that a rule could not take: kept with their error, so that the others go on and nothing is lost."""

from __future__ import annotations

from typing import Final

import msgspec

from portico.bff.deliveries import Arrival
from portico.bff.ids import derived_id
from portico.bff.received_event import ReceivedEvent
from portico.bff.redaction import redacted
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import Row, Statement

_LONGEST: Final = 2000  # characters of an error's words
_COLUMNS: Final = (
    "id", "rule", "event_id", "event_type", "partition_key", "error", "message", "envelope", "created_at", "work",
    "subject",
)  # fmt: skip
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM faults"  # noqa: S608


class Fault(msgspec.Struct, frozen=True):
    """An event that ``rule`` failed on after all its tries. ``rule`` is empty for what is no envelope at all.

    Its ``id`` follows from service, rule and event, so one event makes one fault per rule. ``error`` is the exception's
    name, ``message`` its words, ``envelope`` the event as it came, ``created_at`` milliseconds since the epoch.
    ``work`` is what the rule would have written, as JSON. ``subject`` is where a message came that was no event.
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
    work: str = "{}"
    subject: str = ""


def fault_of(
    service: str, rule: str, event: ReceivedEvent, error: BaseException, now: int, *, work: str = "{}"
) -> Fault:
    """Describe what happened."""
    id_ = derived_id(event.timestamp, service, "fault", rule, event.id)
    name = type(error).__name__
    return Fault(id_, rule, event.id, event.type, event.partition_key, name, _words(error), event.envelope, now, work)


def work_of(uow: UnitOfWork) -> str:
    """What a unit of work would have written, as JSON: ``{"changes": [...], "events": [...]}``, without secrets."""
    changes = [
        {
            "kind": change.kind.discriminator,
            "pk": change.key.pk,
            "sk": change.key.sk,
            "version": change.version,
            "entity": None if change.entity is None else redacted(change.entity),
        }
        for change in uow.changes
    ]
    events = [{"type": event.type, "subject": event.subject, "entity": redacted(event.entity)} for event in uow.events]
    return msgspec.json.encode({"changes": changes, "events": events}).decode()


def unreadable(service: str, arrival: Arrival, error: BaseException, now: int) -> Fault:
    """Describe a message that is no event."""
    message_id, body = _storable(arrival.id), _storable(arrival.body.decode(errors="replace"))
    id_ = derived_id(0, service, "fault", "", message_id or body)
    return Fault(id_, "", message_id, "", "", type(error).__name__, _words(error), body, now, subject=arrival.subject)


async def record(store: EntityStore, fault: Fault) -> None:
    """Keep a fault, and with it in one commit the inbox row that lets the partition go on. Repeating it is harmless."""
    places = ", ".join(f"${number}" for number in range(1, len(_COLUMNS) + 1))
    group = [
        Statement(
            f"INSERT INTO faults ({', '.join(_COLUMNS)}) VALUES ({places}) ON CONFLICT (id) DO NOTHING",  # noqa: S608
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


async def faults(store: EntityStore, limit: int = 100, after: tuple[int, str] = (-1, "")) -> list[Fault]:
    """Return the faults that wait for somebody, oldest first; those behind ``after`` (time and id)."""
    rows = await store.database.read(
        f"{_SELECT} WHERE (created_at, id) > ($1, $2) ORDER BY created_at, id LIMIT $3",
        (*after, limit),
    )
    return [_fault(row) for row in rows]


async def fault_with(store: EntityStore, id_: str) -> Fault | None:
    """Return one."""
    rows = await store.database.read(f"{_SELECT} WHERE id = $1", (id_,))
    return _fault(rows[0]) if rows else None


async def drop(store: EntityStore, id_: str) -> bool:
    """Forget a fault, and with it the event: the rule will not take it. Tell whether it was there."""
    (rows,) = await store.database.write([Statement("DELETE FROM faults WHERE id = $1 RETURNING 1", (id_,))])
    return bool(rows)


async def failed_again(store: EntityStore, id_: str, error: BaseException, work: str) -> None:
    """Say what was wrong this time."""
    words = (type(error).__name__, _words(error), work, id_)
    await store.database.write(
        [Statement("UPDATE faults SET error = $1, message = $2, work = $3 WHERE id = $4", words)]
    )


def _words(error: BaseException) -> str:
    try:
        return _storable(str(error)[:_LONGEST])
    except Exception:  # noqa: BLE001 (also an error that cannot say what it is must be kept)
        return ""


def _storable(text: str) -> str:
    """Text that every store can hold: without NULs and halves of surrogates."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()


def _fault(row: Row) -> Fault:
    return msgspec.convert(dict(zip(_COLUMNS, row, strict=True)), Fault)

"""`/_faults` of every BFF that has a store, for operators: events that a rule could not take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec

from portico.audit import Entry
from portico.bff.authorizer import require
from portico.bff.call import Call
from portico.bff.contracts.routes import known_schemas
from portico.bff.contracts.schema import read_schema
from portico.bff.cursor import from_cursor, to_cursor
from portico.bff.errors import FaultRemains
from portico.bff.faults import Fault, drop, fault_with, faults
from portico.bff.listener import Listener
from portico.bff.redaction import HIDDEN, redact
from portico.bff.rest.operation import Operation, Reply, delete, get, post
from portico.bff.resubmission import resubmit
from portico.bff.store import EntityStore
from portico.problem import Problem

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="How many at most")]

_PRIVATE = {"Cache-Control": "no-store"}


class FaultLine(msgspec.Struct, frozen=True, rename="camel"):
    """A fault in a list."""

    id: str
    rule: str
    event_id: str
    event_type: str
    partition_key: str
    error: str
    message: str
    created_at: int


class FaultPage(msgspec.Struct, frozen=True, rename="camel"):
    """Faults, oldest first; `nextCursor` asks for those that follow."""

    items: list[FaultLine]
    next_cursor: str | None


class FaultView(FaultLine, frozen=True, rename="camel"):
    """A fault with the event, and with what the rule would have written; without what their types say is secret."""

    event: Any
    work: Any


def fault_routes(role: str) -> Sequence[Operation]:
    """The operations, for people with this role."""
    access = require(role=role)
    return (
        get("/_faults", list_faults, access=access, tags=["faults"]),
        get("/_faults/{id}", show_fault, access=access, tags=["faults"], problems=[404]),
        post("/_faults/{id}/resubmit", resubmit_fault, access=access, tags=["faults"], problems=[404, 409], status=204),
        delete("/_faults/{id}", drop_fault, access=access, tags=["faults"], problems=[404]),
    )


async def list_faults(call: Call, *, cursor: Text | None = None, limit: Limit = 50) -> Reply[FaultPage]:
    """List events that a rule could not take, oldest first."""
    after = from_cursor(cursor, tuple[int, str]) if cursor is not None else (-1, "")
    found = await faults(call.get(EntityStore), limit + 1, after)
    items = [FaultLine(*_line(fault)) for fault in found[:limit]]
    more = to_cursor((items[-1].created_at, items[-1].id)) if len(found) > limit else None
    return Reply(FaultPage(items, more), headers=_PRIVATE)


async def show_fault(call: Call, id: str) -> Reply[FaultView]:  # noqa: A002
    """Show a fault with its event and what the rule would have written."""
    fault = await fault_with(call.get(EntityStore), id)
    if fault is None:
        raise _unknown()
    await _keep(call, "read", id)
    view = FaultView(*_line(fault), event=_event(call, fault), work=msgspec.json.decode(fault.work))
    return Reply(view, headers=_PRIVATE)


async def resubmit_fault(call: Call, id: str) -> None:  # noqa: A002
    """Take the event through its rule again. 409 `fault-remains` when it fails again. Repeating it is harmless."""
    await _keep(call, "resubmit", id)
    listener = call.get(Listener)
    try:
        if not await resubmit(listener, call.get(EntityStore), id):
            raise _unknown()
    except FaultRemains as error:
        raise Problem("fault-remains", status=409, title="It failed again", detail=str(error)) from error


async def drop_fault(call: Call, id: str) -> None:  # noqa: A002
    """Forget a fault: its rule will never take the event."""
    await _keep(call, "drop", id)
    if not await drop(call.get(EntityStore), id):
        raise _unknown()


async def _keep(call: Call, action: str, id_: str) -> None:
    """Written before it is done: what nobody recorded nobody did."""
    store, claims = call.get(EntityStore), call.claims
    await store.audit.add(
        Entry(
            at=store.now(), actor=claims.sub, client=claims.client_id, action=action, outcome="allowed", kind="fault",
            key=id_,
        )
    )  # fmt: skip


def _line(fault: Fault) -> tuple[str, str, str, str, str, str, str, int]:
    return (
        fault.id, fault.rule, fault.event_id, fault.event_type, fault.partition_key, fault.error, fault.message,
        fault.created_at,
    )  # fmt: skip


def _event(call: Call, fault: Fault) -> Any:
    """The envelope without what is secret in it: by its teller's schema, and by what the rule says it reads.

    Of an event of which neither is known, nothing is shown of the data.
    """
    try:
        envelope = msgspec.json.decode(fault.envelope)
    except (msgspec.DecodeError, RecursionError):
        return HIDDEN
    if not isinstance(envelope, dict) or "data" not in envelope:
        return HIDDEN
    schemas = [*_told_by(envelope.get("dataschema")), *_read_by(call.get(Listener), fault.rule)]
    data = envelope["data"] if schemas else HIDDEN
    for schema in schemas:
        data = redact(data, schema, schema.get("$defs", {}))
    return {**envelope, "data": data}


def _told_by(dataschema: object) -> list[Mapping[str, Any]]:
    return [one.schema for one in known_schemas() if one.urn == dataschema]


def _read_by(listener: Listener, rule: str) -> list[Mapping[str, Any]]:
    reads = next((one.reads for one in listener.rules if one.id == rule), None)
    return [] if reads is None else [read_schema(reads)]


def _unknown() -> Problem:
    return Problem("unknown-fault", status=404, title="Unknown fault", detail="There is no fault with this id.")

"""`GET /audit` of every BFF that has a store, for auditors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from portico.audit import Entry, EntryPage, Outcome, Wanted
from portico.bff.authorizer import require
from portico.bff.call import Call
from portico.bff.claims import Claims
from portico.bff.rest.operation import Operation, Reply, get
from portico.bff.store import EntityStore

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="How many at most")]
Moment = Annotated[datetime, msgspec.Meta(tz=True, description="With a time zone, as RFC 3339 has it")]


def audit_routes(role: str) -> Sequence[Operation]:
    """`GET /audit` for people with this role; of those who belong to a tenant, for what is that tenant's."""
    return (get("/audit", read_audit, access=require(role=role), tags=["audit"]),)


async def read_audit(
    call: Call,
    *,
    actor: Text | None = None,
    kind: Text | None = None,
    entity: Text | None = None,
    action: Text | None = None,
    outcome: Outcome | None = None,
    since: Moment | None = None,
    until: Moment | None = None,
    cursor: Text | None = None,
    limit: Limit = 50,
) -> Reply[EntryPage]:
    """Read the audit, newest first: who did what to which entity, when, and whether they were allowed.

    `entity` is the key of one, `kind` what it is; what is left out does not matter. `nextCursor` asks for those that
    follow, null says that there are none. That it was read is in the audit as well.
    """
    store, claims = call.get(EntityStore), call.claims
    wanted = Wanted(
        actor=actor,
        kind=kind,
        entity=entity,
        action=action,
        outcome=outcome,
        since=since,
        until=until,
        tenant=claims.tenant,
    )
    page = await store.audit.find(wanted, limit=limit, cursor=cursor)
    # Written before it is answered: what nobody recorded nobody has seen.
    await store.audit.add(_read(store.now(), claims, wanted.words()))
    return Reply(page, headers={"Cache-Control": "no-store"})


def _read(at: int, claims: Claims, words: str) -> Entry:
    return Entry(
        at=at,
        actor=claims.sub,
        client=claims.client_id,
        action="read",
        outcome="allowed",
        kind="audit",
        key=words,
        tenant=claims.tenant,
    )

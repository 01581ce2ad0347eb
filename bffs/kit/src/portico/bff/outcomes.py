"""What became of a command, by its key, and giving one up: `/_commands/<key>` of every BFF that has a store."""

from __future__ import annotations

from collections.abc import Sequence

from portico.bff.authorizer import require
from portico.bff.call import Call
from portico.bff.claims import Claims
from portico.bff.command_headers import admission_of
from portico.bff.errors import IdempotencyError
from portico.bff.idempotency import check_key
from portico.bff.idempotency_record import Outcome, find
from portico.bff.lanes import FREELY, Admission
from portico.bff.rest.operation import Operation, Reply, delete, get
from portico.bff.store import EntityStore
from portico.problem import Problem
from portico.sql import ExpectationFailed


async def outcome(store: EntityStore, claims: Claims, key: str) -> Outcome | None:
    """What became of the person's command with this key, or None when nothing is known of it."""
    known = await find(store.database, claims.sub, key)
    return None if known is None else known.outcome()


async def skip(store: EntityStore, claims: Claims, key: str, admission: Admission = FREELY) -> None:
    """Have the person's command with this key never take effect, nor any that it replaces. Repeatable.

    Where it has a turn in a lane, the lane goes on after it. Raises ``IdempotencyKeyInvalid``, ``CommandApplied`` when
    it is too late, and what ``Admission.refusal`` says.
    """
    check_key(key)
    admission = Admission(admission.turn, tuple(dict.fromkeys((key, *admission.replaces))))
    try:
        if (refusal := await admission.refusal(store.database, claims.sub)) is not None:
            raise refusal
        await store.database.write(admission.guards(claims.sub, store.now()))
    except (ExpectationFailed, IdempotencyError) as error:
        # Another was first: an earlier skipping or a twin of it, the command itself, or whoever took the turn.
        refusal = await admission.refusal(store.database, claims.sub)
        if await _is_skipped(store, claims.sub, admission):
            return
        if refusal is not None:
            raise refusal from error
        raise


async def _is_skipped(store: EntityStore, sub: str, admission: Admission) -> bool:
    for key in admission.replaces:
        known = await find(store.database, sub, key)
        if known is None or not known.skipped:
            return False
    turn = admission.turn
    return turn is None or await turn.expected(store.database, sub) > turn.seq


async def read_outcome(call: Call, key: str) -> Reply[Outcome]:
    """Ask what became of a command.

    404 `unknown-command` when it has not taken effect so far, or longer than 30 days ago.
    """
    found = await outcome(call.get(EntityStore), call.claims, key)
    if found is None:
        raise Problem("unknown-command", status=404, title="Unknown command", detail="Nothing is known of this key.")
    return Reply(found, headers={"Cache-Control": "no-store"})


async def skip_command(call: Call, key: str) -> None:
    """Give a command up: it will never take effect, and its lane goes on without it."""
    await skip(call.get(EntityStore), call.claims, key, admission_of(call.request))


COMMAND_ROUTES: Sequence[Operation] = (
    get("/_commands/{key:path}", read_outcome, access=require(), tags=["commands"], problems=[404]),
    delete("/_commands/{key:path}", skip_command, access=require(), tags=["commands"], problems=[400, 409]),
)
"""Added to every BFF that has a store."""

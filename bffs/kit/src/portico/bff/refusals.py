"""Refusals that no unit of work sees: an operation or field asks for a role or scope that the caller does not have."""

from __future__ import annotations

import logging

from starlette.requests import Request

from portico.audit import Entry, Sparing
from portico.bff.authorizer import identity_of
from portico.bff.call import parts_of
from portico.bff.claims import Claims
from portico.bff.store import EntityStore
from portico.problem import Problem
from portico.sql import SqlError

_log = logging.getLogger("portico.bff.audit")


class Refusals:
    """Writes into the audit whom an operation was refused to for want of a role or scope."""

    def __init__(self, store: EntityStore, sparing: Sparing | None = None) -> None:
        self._store = store
        self._sparing = sparing or Sparing()

    async def note(self, claims: Claims, operation: str, refusal: Problem) -> None:
        """Write it, unless it was just written. A store that cannot write turns no refusal into anything else."""
        what = (claims.sub, operation)
        if not self._sparing.is_due(what):
            return
        try:
            await self._store.audit.add(_refused(self._store.now(), claims, operation, refusal))
        except SqlError as error:
            self._sparing.forget(what)
            _log.warning("A refusal is missing in the audit: %s", error)


async def note_refusal(request: Request, operation: str, refusal: Problem) -> None:
    """Write into the audit that an operation was refused to the caller; strangers (401) are nobody to write down."""
    claims, parts = identity_of(request.scope).claims, parts_of(request)
    if refusal.status == 403 and claims is not None and Refusals in parts:
        await parts.get(Refusals).note(claims, operation, refusal)


def _refused(at: int, claims: Claims, operation: str, refusal: Problem) -> Entry:
    return Entry(
        at=at,
        actor=claims.sub,
        client=claims.client_id,
        action="call",
        outcome="refused",
        kind="operation",
        key=operation,
        tenant=claims.tenant,
        reason=f"{refusal.code}: {refusal.detail}"[:500],
    )

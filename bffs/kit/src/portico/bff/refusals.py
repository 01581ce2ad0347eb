"""Refusals that no unit of work sees: an operation or field asks for a role or scope that the caller does not have."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.requests import Request

from portico.audit import Entry
from portico.bff.authorizer import identity_of
from portico.bff.call import parts_of
from portico.bff.claims import Claims
from portico.bff.store import EntityStore
from portico.problem import Problem
from portico.sql import SqlError

_log = logging.getLogger("portico.bff.audit")

REPEATED_S: Final = 60.0
"""A refusal of the same operation to the same person is written once in this many seconds. Documented."""

_MOST: Final = 4096


class Refusals:
    """Writes into the audit whom an operation was refused to for want of a role or scope.

    One who asks again and again does not fill the disk with it. `clock` is monotonic, in seconds.
    """

    def __init__(self, store: EntityStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._written: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def note(self, claims: Claims, operation: str, refusal: Problem) -> None:
        """Write it, unless it was just written. A store that cannot write turns no refusal into anything else."""
        now, key = self._clock(), (claims.sub, operation)
        if now - self._written.get(key, float("-inf")) < REPEATED_S:
            return
        self._written[key] = now
        self._written.move_to_end(key)
        if len(self._written) > _MOST:
            self._written.popitem(last=False)
        try:
            await self._store.audit.add(_refused(self._store.now(), claims, operation, refusal))
        except SqlError as error:
            del self._written[key]
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

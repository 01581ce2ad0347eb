"""Commands that may arrive many times and take effect once.

Both REST commands and GraphQL mutations use one function::

    response = await idempotent(store, claims, key, request_hash("POST", path, body), run)

``run(uow) -> StoredResponse`` reads, decides, puts and emits; it does **not** commit: the response becomes part of the
same write group as the effect, and ``idempotent`` commits both. A GraphQL mutation stores its field's JSON as the body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final

from portico.bff.claims import Claims
from portico.bff.errors import CommandSkipped, IdempotencyKeyExpired, IdempotencyKeyInvalid, IdempotencyKeyReused
from portico.bff.idempotency_record import RETENTION_MS, IdempotencyRecord, StoredResponse, find
from portico.bff.ids import born_at
from portico.bff.lanes import FREELY, Admission
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import StoreUnavailable

_LONGEST_KEY: Final = 200
_SUCCESS: Final = 400

_AHEAD_MS: Final = 24 * 3600 * 1000
"""How far a key may be dated ahead of this clock: one from far ahead would pass for new when its answer is gone."""

Run = Callable[[UnitOfWork], Awaitable[StoredResponse]]
"""A command's body: everything but the commit."""


def request_hash(method: str, target: str, body: bytes) -> bytes:
    """SHA-256 over what makes two requests the same: method, path with query, and the body's bytes."""
    digest = hashlib.sha256()
    for part in (method.upper().encode(), target.encode(), body):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


async def idempotent(
    store: EntityStore,
    claims: Claims,
    key: str | None,
    body_hash: bytes,
    run: Run,
    *,
    admission: Admission = FREELY,
    traceparent: str | None = None,
) -> StoredResponse:
    """Run a command so that repeating it changes nothing more, and answer every repetition alike.

    The first call with a key runs and commits; later ones, also concurrent ones in other processes, get its answer with
    ``replayed`` set. Keys belong to ``claims.sub``. Without a key (None) it runs every time. A response with a status
    of 400 or more, or an exception, leaves nothing behind: neither effect nor record; the same key may try again.
    ``admission`` gives it a turn in a lane and names what it replaces; both need a key. ``traceparent`` (W3C) travels
    with its events.

    Raises ``IdempotencyKeyReused`` when ``body_hash`` differs from the first call's, ``IdempotencyKeyExpired`` for a
    UUIDv7 key older than the retention, or one that it replaces of which nothing is known, ``IdempotencyKeyInvalid``,
    also for one dated more than a day ahead, ``CommandSkipped`` when the key's command was given up, what
    ``Admission.refusal`` says, and whatever ``run`` and the commit raise.
    """
    attempt = partial(_attempt, store, claims, run, traceparent=traceparent, body_hash=body_hash, admission=admission)
    if key is None:
        if admission != FREELY:
            raise IdempotencyKeyInvalid("a command with a place in a lane, or that replaces another, has a key")
        return await attempt(key=None)
    check_key(key)
    if (earlier := await _replay(store, claims.sub, key, body_hash)) is not None:
        return earlier
    _check_date(key, store.now())
    try:
        if (refusal := await admission.refusal(store.database, claims.sub)) is not None:
            raise refusal
        await _check_replaced(store, claims.sub, admission.replaces)
        answer = await attempt(key=key)
    except StoreUnavailable:
        raise
    except Exception:
        if (earlier := await _overtaken(store, claims.sub, key, body_hash, admission=admission)) is not None:
            return earlier
        raise
    if answer.status < _SUCCESS:
        return answer
    return await _overtaken(store, claims.sub, key, body_hash, admission=admission) or answer


def check_key(key: str) -> None:
    """Raise ``IdempotencyKeyInvalid`` for what cannot be a key."""
    if not 0 < len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyInvalid("an Idempotency-Key is 1 to 200 printable ASCII characters")


def _check_date(key: str, now: int) -> None:
    """Refuse a UUIDv7 key that says nothing of whether its command is new: too old, or of a clock that is wrong."""
    born = born_at(key)
    if born is None:
        return
    if born < now - RETENTION_MS:
        raise IdempotencyKeyExpired("the key is older than the 30 days that answers are kept")
    if born > now + _AHEAD_MS:
        raise IdempotencyKeyInvalid("the key is dated more than a day in the future; the clock that made it is wrong")


async def _check_replaced(store: EntityStore, sub: str, keys: Sequence[str]) -> None:
    """Refuse to replace what may have taken effect so long ago that nothing is known of it."""
    for key in keys:
        born = born_at(key)
        if born is None or born >= store.now() - RETENTION_MS:
            continue
        if await find(store.database, sub, key) is None:
            raise IdempotencyKeyExpired(
                "what it replaces is older than the 30 days that answers are kept, and may have been done"
            )


async def _attempt(
    store: EntityStore,
    claims: Claims,
    run: Run,
    *,
    key: str | None,
    body_hash: bytes,
    admission: Admission,
    traceparent: str | None,
) -> StoredResponse:
    async with store.unit_of_work(claims, command=key, traceparent=traceparent) as uow:
        response = await run(uow)
        if response.status < _SUCCESS:
            if key is not None:
                guards = admission.guards(claims.sub, store.now())
                uow.remember(IdempotencyRecord(claims.sub, key, body_hash, response), *guards)
            await uow.commit()
    return response


async def _overtaken(
    store: EntityStore, sub: str, key: str, body_hash: bytes, *, admission: Admission
) -> StoredResponse | None:
    """Find out whether a command was not done because another was first: then that one's effect is the reason.

    If it was a twin, its answer is the answer; if it took the turn, or was to be replaced, that is raised.
    """
    refusal = await admission.refusal(store.database, sub)
    if (earlier := await _replay(store, sub, key, body_hash)) is not None:
        return earlier
    if refusal is not None:
        raise refusal
    return None


async def _replay(store: EntityStore, sub: str, key: str, body_hash: bytes) -> StoredResponse | None:
    known = await find(store.database, sub, key)
    if known is None:
        return None
    if known.skipped:
        raise CommandSkipped("the command was given up before it arrived")
    if known.body_hash != body_hash:
        raise IdempotencyKeyReused("the key was used before, for another request")
    return known.response

"""Commands that may arrive many times and take effect once.

Both REST commands and GraphQL mutations use one function::

    response = await idempotent(store, claims, key, request_hash("POST", path, body), run)

``run(uow) -> StoredResponse`` reads, decides, puts and emits; it does **not** commit: the response becomes part of the
same write group as the effect, and ``idempotent`` commits both. A GraphQL mutation stores its field's JSON as the body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec

from portico.bff.claims import Claims
from portico.bff.errors import IdempotencyKeyExpired, IdempotencyKeyInvalid, IdempotencyKeyReused
from portico.bff.idempotency_record import RETENTION_MS, IdempotencyRecord, StoredResponse
from portico.bff.ids import born_at
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import StoreUnavailable

_LONGEST_KEY: Final = 200
_SUCCESS: Final = 400


Run = Callable[[UnitOfWork], Awaitable[StoredResponse]]
"""A command's body: everything but the commit."""


def request_hash(method: str, target: str, body: bytes) -> bytes:
    """SHA-256 over what makes two requests the same: method, path with query, and the body's bytes."""
    digest = hashlib.sha256()
    for part in (method.upper().encode(), target.encode(), body):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.digest()


async def idempotent(store: EntityStore, claims: Claims, key: str | None, body_hash: bytes, run: Run) -> StoredResponse:
    """Run a command so that repeating it changes nothing more, and answer every repetition alike.

    The first call with a key runs and commits; later ones, also concurrent ones in other processes, get its answer with
    ``replayed`` set. Keys belong to ``claims.sub``. Without a key (None) it runs every time. A response with a status
    of 400 or more, or an exception, leaves nothing behind: neither effect nor record; the same key may try again.

    Raises ``IdempotencyKeyReused`` when ``body_hash`` differs from the first call's, ``IdempotencyKeyExpired`` for a
    UUIDv7 key older than the retention, ``IdempotencyKeyInvalid``, and whatever ``run`` and the commit raise.
    """
    if key is None:
        return await _attempt(store, claims, None, body_hash, run)
    _check(key)
    if (earlier := await _replay(store, claims.sub, key, body_hash)) is not None:
        return earlier
    born = born_at(key)
    if born is not None and born < store.now() - RETENTION_MS:
        raise IdempotencyKeyExpired("the key is older than the 30 days that answers are kept")
    try:
        return await _attempt(store, claims, key, body_hash, run)
    except StoreUnavailable:
        raise
    except Exception:
        # A twin may have been first: then its effect is why this one failed, and its answer is the answer.
        if (earlier := await _replay(store, claims.sub, key, body_hash)) is not None:
            return earlier
        raise


async def outcome(store: EntityStore, claims: Claims, key: str) -> StoredResponse | None:
    """Return how the person's command with this key was answered, or None when it is not known to have happened."""
    found = await _find(store, claims.sub, key)
    return None if found is None else found[1]


async def _attempt(store: EntityStore, claims: Claims, key: str | None, body_hash: bytes, run: Run) -> StoredResponse:
    async with store.unit_of_work(claims, command=key) as uow:
        response = await run(uow)
        if response.status < _SUCCESS:
            if key is not None:
                uow.remember(IdempotencyRecord(claims.sub, key, body_hash, response))
            await uow.commit()
    return response


async def _replay(store: EntityStore, sub: str, key: str, body_hash: bytes) -> StoredResponse | None:
    found = await _find(store, sub, key)
    if found is None:
        return None
    if found[0] != body_hash:
        raise IdempotencyKeyReused("the key was used before, for another request")
    return found[1]


async def _find(store: EntityStore, sub: str, key: str) -> tuple[bytes, StoredResponse] | None:
    rows = await store.database.read(
        "SELECT body_hash, status, headers, body FROM idempotency WHERE sub = $1 AND key = $2", (sub, key)
    )
    if not rows:
        return None
    body_hash, status, headers, body = msgspec.convert(rows[0], tuple[bytes, int, str, bytes])
    names = msgspec.json.decode(headers, type=tuple[tuple[str, str], ...])
    return body_hash, StoredResponse(status, body, names, replayed=True)


def _check(key: str) -> None:
    if not 0 < len(key) <= _LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise IdempotencyKeyInvalid("an Idempotency-Key is 1 to 200 printable ASCII characters")

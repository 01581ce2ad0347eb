"""What is kept under a command's key: the answer of one that took effect, or that it was given up and never will."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from portico.bff.events import rfc3339
from portico.sql import Database, Statement, insertions

RETENTION_MS: Final = 30 * 24 * 3600 * 1000
"""How long an answer is kept for a repeated command: 30 days. Documented; clients rely on it."""

_COLUMNS: Final = ("sub", "key", "body_hash", "status", "headers", "body", "created_at")

_SKIPPED: Final = 410
"""The status of a tombstone. Answers of 400 and more are never kept, so it means nothing else."""


class StoredResponse(msgspec.Struct, frozen=True):
    """An answer as it was given: status, headers and body. ``replayed`` tells a repetition from the first time."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    replayed: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What became of a command: ``status`` is that of its answer when it was applied; ``at`` is RFC 3339."""

    key: str
    state: Literal["applied", "skipped"]
    status: int | None
    at: str


class Known(msgspec.Struct, frozen=True):
    """What is found under a key; ``at`` is milliseconds since the epoch."""

    key: str
    body_hash: bytes
    response: StoredResponse
    at: int

    @property
    def skipped(self) -> bool:
        """Whether it is a tombstone."""
        return self.response.status == _SKIPPED

    def outcome(self) -> Outcome:
        """The same, for the person."""
        if self.skipped:
            return Outcome(self.key, "skipped", None, rfc3339(self.at))
        return Outcome(self.key, "applied", self.response.status, rfc3339(self.at))


class IdempotencyRecord(msgspec.Struct, frozen=True):
    """What is kept under a person's key: the request's hash and its answer."""

    sub: str
    key: str
    body_hash: bytes
    response: StoredResponse

    def statement(self, now: int) -> Statement:
        """The insertion that only the first of several equal commands survives."""
        response = self.response
        headers = msgspec.json.encode(response.headers).decode()
        row = (self.sub, self.key, self.body_hash, response.status, headers, response.body, now)
        return insertions("idempotency", _COLUMNS, [row])[0]


def tombstone(sub: str, key: str, now: int) -> Statement:
    """Have the key's command never take effect; touches one row, or none (the group is undone) where it has.

    It stands where the answer would: the table's key lets a command be applied or skipped, never both.
    """
    return Statement(
        "INSERT INTO idempotency (sub, key, body_hash, status, headers, body, created_at)"
        " VALUES ($1, $2, $3, $4, '[]', $5, $6)"
        " ON CONFLICT (sub, key) DO UPDATE SET created_at = idempotency.created_at"
        " WHERE idempotency.status = excluded.status",
        (sub, key, b"", _SKIPPED, b"", now),
        expect=1,
    )


async def find(database: Database, sub: str, key: str) -> Known | None:
    """What is kept under a person's key."""
    rows = await database.read(
        "SELECT body_hash, status, headers, body, created_at FROM idempotency WHERE sub = $1 AND key = $2", (sub, key)
    )
    if not rows:
        return None
    body_hash, status, headers, body, at = msgspec.convert(rows[0], tuple[bytes, int, str, bytes, int])
    names = msgspec.json.decode(headers, type=tuple[tuple[str, str], ...])
    return Known(key, body_hash, StoredResponse(status, body, names, replayed=True), at)

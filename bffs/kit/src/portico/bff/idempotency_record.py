"""What is kept of a command that took effect, so that its repetition gets the same answer."""

from __future__ import annotations

from typing import Final

import msgspec

from portico.sql import Statement

RETENTION_MS: Final = 30 * 24 * 3600 * 1000
"""How long an answer is kept for a repeated command: 30 days. Documented; clients rely on it."""


class StoredResponse(msgspec.Struct, frozen=True):
    """An answer as it was given: status, headers and body. ``replayed`` tells a repetition from the first time."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    replayed: bool = False


class IdempotencyRecord(msgspec.Struct, frozen=True):
    """What is kept under a person's key: the request's hash and its answer."""

    sub: str
    key: str
    body_hash: bytes
    response: StoredResponse

    def statement(self, now: int) -> Statement:
        """The insertion that only the first of several equal commands survives."""
        response = self.response
        return Statement(
            "INSERT INTO idempotency (sub, key, body_hash, status, headers, body, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            (
                self.sub,
                self.key,
                self.body_hash,
                response.status,
                msgspec.json.encode(response.headers).decode(),
                response.body,
                now,
            ),
        )

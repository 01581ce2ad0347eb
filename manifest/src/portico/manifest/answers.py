"""Answers that are kept under the client's ``Idempotency-Key``, so that a request sent twice is done once.

As draft-ietf-httpapi-idempotency-key-header has it: a key is one client's, and names one request.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portico.manifest.errors import IdempotencyKeyReused

KEPT = timedelta(days=30)
"""How long answers are kept; a request that comes again later is a new one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class RequestKey:
    """A request that its client has named: whose it is, the key, the digest of what is asked."""

    principal: str
    key: str
    request: str

    def names(self, other: "RequestKey") -> bool:
        """Tell whether both are one key of one client."""
        return (self.principal, self.key) == (other.principal, other.key)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer with the request that it answers, and when (aware, UTC) it was given."""

    key: RequestKey
    answer: Answer
    at: datetime

    def to(self, key: RequestKey) -> Answer:
        """Return the answer; raises ``IdempotencyKeyReused`` when ``key`` names another request."""
        if key.request != self.key.request:
            raise IdempotencyKeyReused(f"the key {key.key!r} was used for another request")
        return self.answer


class AnsweredBefore(Exception):
    """The request was done already, with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("the request was answered before")
        self.answer = answer


def request_digest(method: str, target: str, content: bytes) -> str:
    """Return what tells requests apart: SHA-256 of the method, the path with its query, and the content.

    ``If-Match`` is not in it: who repeats a change after reading the channel again means the same change.
    """
    return hashlib.sha256(b"\0".join((method.encode(), target.encode(), content))).hexdigest()

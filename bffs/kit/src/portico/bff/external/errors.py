"""How a call to another system fails: it said no, or nobody knows."""

from __future__ import annotations

from portico.bff.errors import BffError


class ExternalUnavailable(BffError):
    """No answer that says anything: it may have happened all the same. Ask again, with the same idempotency key."""

    code = "external-unavailable"

    def __init__(self, service: str, reason: str, retry_after: float | None = None) -> None:
        super().__init__(f"{service} is not available: {reason}")
        self.service = service
        self.retry_after = retry_after


class ExternalRefused(BffError):
    """The other system refuses the request, and would again: ``status`` is its answer's, ``body`` what it says."""

    code = "external-refused"

    def __init__(self, service: str, status: int, body: bytes) -> None:
        super().__init__(f"{service} refuses with {status}")
        self.status = status
        self.body = body

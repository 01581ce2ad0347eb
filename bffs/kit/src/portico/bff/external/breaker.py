"""A circuit breaker (Nygard, Release It!): a system that is down is left alone for a while."""

from __future__ import annotations

from typing import Literal

from portico.bff.external.errors import ExternalUnavailable
from portico.bff.ids import Clock, system_clock

State = Literal["closed", "open", "half-open"]


class CircuitOpen(ExternalUnavailable):
    """The call was not made: the last ones failed, and the pause is not over."""

    code = "circuit-open"


class CircuitBreaker:
    """Opens after ``failures`` failed calls in a row, for ``pause`` seconds; then one call may try.

    If that one succeeds it is closed again, else it is open for another pause. Ask ``admit`` before a call and say
    ``succeeded`` or ``failed`` after it.
    """

    def __init__(self, name: str, *, failures: int = 5, pause: float = 10.0, clock: Clock = system_clock) -> None:
        self.name = name
        self._limit = failures
        self._pause_ms = int(pause * 1000)
        self._clock = clock
        self._failures = 0
        self._opened_at: int | None = None
        self._probe_at: int | None = None

    @property
    def state(self) -> State:
        """For metrics and health."""
        if self._opened_at is None:
            return "closed"
        return "open" if self._is_within_pause(self._opened_at) else "half-open"

    def admit(self) -> None:
        """Raise ``CircuitOpen`` unless a call may be made now."""
        if self._opened_at is None:
            return
        now = self._clock()
        # A probe that never came back, because its task was ended, must not shut the circuit for good.
        probed = self._probe_at is not None and self._is_within_pause(self._probe_at)
        if self.state == "open" or probed:
            wait = max(self._opened_at, self._probe_at or 0) + self._pause_ms - now
            raise CircuitOpen(self.name, "it failed just now and is left alone", wait / 1000)
        self._probe_at = now

    def _is_within_pause(self, since: int) -> bool:
        """A clock that was set back must not make a pause longer."""
        return 0 <= self._clock() - since < self._pause_ms

    def succeeded(self) -> None:
        """It answered: all is well."""
        self._failures, self._opened_at, self._probe_at = 0, None, None

    def failed(self) -> None:
        """It did not."""
        self._failures += 1
        if self._opened_at is not None or self._failures >= self._limit:
            self._opened_at, self._probe_at = self._clock(), None

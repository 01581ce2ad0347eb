"""A circuit breaker for each BFF: one that does not answer is left alone for a while, and nobody waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from portico.host.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerTimes:
    """`failures` in a row open the circuit, for `open_s` seconds; for twice as long after each probe that fails."""

    failures: int = 5
    open_s: float = 2.0
    longest_open_s: float = 30.0


class CircuitOpen(Exception):
    """The BFF is left alone for another `retry_after_s` seconds."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"left alone for {retry_after_s:.1f} s")
        self.retry_after_s = retry_after_s


class Breaker:
    """Closed: calls pass. Open: they are refused at once. Half open: one call is the probe, all others are refused.

    Only what says that a BFF is away counts: no connection, no HTTP, no answer in time. An answer, whatever its
    status, is a sign of life.
    """

    def __init__(self, clock: Clock, times: BreakerTimes | None = None) -> None:
        self._clock = clock
        self._times = times or BreakerTimes()
        self._failures = 0
        self._open_s = self._times.open_s
        self._open_until: float | None = None
        self._probing = False

    @property
    def state(self) -> str:
        """`closed`, `open`, or `half-open` once a probe is due."""
        if self._open_until is None:
            return "closed"
        return "open" if self._clock() < self._open_until else "half-open"

    def admit(self) -> bool:
        """Let one call pass, and say whether it is the probe; raises `CircuitOpen`.

        Whoever was let pass says `succeeded` or `failed`; the probe, in the end, `abandoned` in any case.
        """
        if self._open_until is None:
            return False
        left = self._open_until - self._clock()
        if left > 0:
            raise CircuitOpen(left)
        if self._probing:
            raise CircuitOpen(self._times.open_s)
        self._probing = True
        return True

    def succeeded(self) -> None:
        """The BFF began to answer."""
        if self._failures or self._open_until is not None:
            self._failures, self._open_until, self._probing = 0, None, False
            self._open_s = self._times.open_s

    def failed(self) -> None:
        """The BFF is away."""
        self._failures += 1
        if self._probing:
            self._open_s = min(2 * self._open_s, self._times.longest_open_s)
        elif self._failures < self._times.failures or self._open_until is not None:
            return  # calls that were under way when the circuit opened say nothing new
        self._probing = False
        self._open_until = self._clock() + self._open_s

    def abandoned(self) -> None:
        """The probe has ended; if it brought nothing to light, the next call is one."""
        self._probing = False

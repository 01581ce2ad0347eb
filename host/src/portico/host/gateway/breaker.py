"""A circuit breaker for each BFF: one that does not answer is left alone for a while, and nobody waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from portico.host.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerTimes:
    """`failures` in a row open the circuit, for `open_s` seconds; for twice as long after each probe that fails.

    When a probe has brought nothing to light for `probe_s` seconds, somebody else's call is one too.
    """

    failures: int = 5
    open_s: float = 2.0
    longest_open_s: float = 30.0
    probe_s: float = 1.0


_PEOPLE = 2
"""So many must have waited in vain."""


class CircuitOpen(Exception):
    """The BFF is left alone for another `retry_after_s` seconds."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"left alone for {retry_after_s:.1f} s")
        self.retry_after_s = retry_after_s


class Breaker:
    """Closed: calls pass. Open: they are refused at once. Half open: one call is the probe, all others are refused.

    Only what says that a BFF is away counts: no connection, no HTTP, no answer in time. An answer, whatever its
    status, is a sign of life. Answers that do not come in time count only when several people wait in vain: one
    person's slow calls are no reason to refuse everybody's. `who` is whose call it is.
    """

    def __init__(self, clock: Clock, times: BreakerTimes | None = None) -> None:
        self._clock = clock
        self._times = times or BreakerTimes()
        self._failures = 0
        self._waited: set[str] = set()
        self._open_s = self._times.open_s
        self._open_until: float | None = None
        self._probing: set[str] = set()
        self._probed_at = 0.0

    @property
    def state(self) -> str:
        """`closed`, `open`, or `half-open` once a probe is due."""
        if self._open_until is None:
            return "closed"
        return "open" if self._clock() < self._open_until else "half-open"

    def admit(self, who: str) -> bool:
        """Let one call pass, and say whether it is a probe; raises `CircuitOpen`.

        Whoever was let pass says `succeeded`, `failed` or `late`; a probe, in the end, `abandoned` in any case.
        """
        if self._open_until is None:
            return False
        now = self._clock()
        if now < self._open_until:
            raise CircuitOpen(self._open_until - now)
        if who in self._probing or (self._probing and now - self._probed_at < self._times.probe_s):
            raise CircuitOpen(self._times.open_s)
        self._probing.add(who)
        self._probed_at = now
        return True

    def succeeded(self) -> None:
        """The BFF began to answer."""
        if self._failures or self._open_until is not None:
            self._failures, self._open_until = 0, None
            self._waited.clear()
            self._probing.clear()
            self._open_s = self._times.open_s

    def failed(self, who: str) -> None:
        """The BFF is away."""
        if not self._failed_again(who):
            self._failures += 1
            self._open_when(self._failures >= self._times.failures)

    def late(self, who: str) -> None:
        """The BFF did not begin to answer in time."""
        if not self._failed_again(who):
            self._failures += 1
            if len(self._waited) < _PEOPLE:
                self._waited.add(who)
            self._open_when(self._failures >= self._times.failures and len(self._waited) >= _PEOPLE)

    def abandoned(self, who: str) -> None:
        """A probe has ended; if it brought nothing to light, the next call is one."""
        self._probing.discard(who)

    def _failed_again(self, who: str) -> bool:
        """Whether the circuit is open already. Then only a probe says something new, and leaves the BFF alone again."""
        if self._open_until is None:
            return False
        if who in self._probing:
            self._probing.clear()
            self._open_s = min(2 * self._open_s, self._times.longest_open_s)
            self._open_until = self._clock() + self._open_s
        return True

    def _open_when(self, is_away: bool) -> None:
        if is_away:
            self._open_until = self._clock() + self._open_s

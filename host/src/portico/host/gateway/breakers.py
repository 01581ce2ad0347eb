"""The circuit breakers of all BFFs, by the BFF's name."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from portico.host.clock import Clock
from portico.host.gateway.breaker import Breaker, BreakerTimes

_MOST = 1000


class Breakers:
    """One breaker for each backend. Those of backends that have not been called for longest are forgotten."""

    def __init__(self, clock: Clock, times: BreakerTimes | None = None) -> None:
        self._clock = clock
        self._times = times
        self._all: OrderedDict[str, Breaker] = OrderedDict()

    def of(self, backend: str) -> Breaker:
        """The breaker of one backend, by `Backend.name`."""
        found = self._all.get(backend)
        if found is None:
            found = self._all[backend] = Breaker(self._clock, self._times)
            if len(self._all) > _MOST:
                self._all.popitem(last=False)
        else:
            self._all.move_to_end(backend)
        return found

    def states(self) -> Mapping[str, str]:
        """Each backend that is not simply well, with the state of its breaker."""
        return {name: one.state for name, one in self._all.items() if one.state != "closed"}

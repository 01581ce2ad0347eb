"""Which requests are harmed, how, and how often."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from portico.bff.testing.faults.journal import PATIENCE_S, Exchange

Kind = Literal[
    "cut before delivery",
    "cut before reply",
    "cut in mid-body",
    "held before delivery",
    "held before reply",
    "held in mid-body",
    "black hole",
    "answered by another",
    "slow",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is done. `after`: bytes of the body that still reach the client; `latency_s`: seconds before delivery;

    `repeatable`: the cut looks like a kept connection that had gone stale, which browsers mend by themselves.
    """

    kind: Kind
    after: int = 0
    repeatable: bool = False
    latency_s: float = 0.0
    bytes_per_s: int | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


class Rule:
    """A fault for the next `times` requests that match (`None`: for all). `fired` counts those harmed so far."""

    def __init__(
        self, fault: Fault, method: str, path: str, times: int | None, *, loop: asyncio.AbstractEventLoop
    ) -> None:
        self.fault = fault
        self.method = method
        self.path = path
        self.fired = 0
        self.gone = asyncio.Event()
        self._left = times
        self._loop = loop
        self._changed = threading.Condition()

    def take(self, exchange: Exchange) -> bool:
        """Whether this request is to be harmed; counts it if so."""
        with self._changed:
            if self._left == 0 or self.gone.is_set() or not exchange.matches(self.method, self.path):
                return False
            if self._left is not None:
                self._left -= 1
            return True

    def fire(self) -> None:
        """Say that the fault is in effect for one more request."""
        with self._changed:
            self.fired += 1
            self._changed.notify_all()

    def wait(self, times: int = 1, timeout_s: float = PATIENCE_S) -> None:
        """Return once the fault is in effect for the `times`-th request; TimeoutError after `timeout_s` seconds.

        In effect means: before delivery, the request has come; before the reply, the server has answered whole.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self.fired >= times, timeout_s):
                raise TimeoutError(f"{self} fired {self.fired} times, not {times}")

    def release(self) -> None:
        """End the rule: requests that it holds go on, those in a black hole are cut, later ones are left alone."""
        self._loop.call_soon_threadsafe(self.gone.set)

    def __repr__(self) -> str:
        """What it harms, and how."""
        return f"<{self.fault.kind}: {self.method} {self.path}>"

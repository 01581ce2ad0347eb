"""Waits for what other processes do, where no page shows it by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 60.0


def until(condition: Callable[[], bool], what: str) -> None:
    """Return as soon as `condition` holds; fails with `what` was waited for."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}"
        time.sleep(0.1)  # polling other processes

"""The clock as a dependency: everything that reads the time takes one."""

from __future__ import annotations

from collections.abc import Callable

Clock = Callable[[], float]
"""Seconds since the epoch, like `time.time`."""

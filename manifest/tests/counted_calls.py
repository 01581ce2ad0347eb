"""Work measured by the functions it calls, which are as many on any machine at any load."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass
class Calls:
    number: int = 0


@contextmanager
def counted(*events: str) -> Iterator[Calls]:
    """Count these events of `sys.setprofile`: "call" for functions of Python, "c_call" for others."""
    calls = Calls()

    def count(_: FrameType, event: str, __: Any) -> None:
        calls.number += event in events

    before, collects = sys.getprofile(), gc.isenabled()
    # A collection may begin at any allocation and call functions (`gc.callbacks`; Hypothesis has one): no work of ours.
    gc.disable()
    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()

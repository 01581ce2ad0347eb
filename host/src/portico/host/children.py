"""Child processes that never outlive their parent, not even one that is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def ends_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before its program: Linux then sends it the signal when this process dies (prctl(2)).

    The thread that starts the child has to live as long as the process: the main thread does. Other systems cannot.
    """
    parent = os.getpid()

    def ask() -> None:
        assert _LIBC is not None  # noqa: S101 - not handed out elsewhere
        _LIBC.prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)  # it died meanwhile, and nobody would tell

    return ask if _LIBC is not None else None

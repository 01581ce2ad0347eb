"""Hearing that the server is about to stop. ASGI tells an application only once all its requests have ended."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def drained_at_signal(drain: Callable[[], None]) -> Iterator[None]:
    """Call `drain` in the running loop at SIGTERM or SIGINT, before whatever the server does then.

    Signals that nobody handles, and threads that cannot hear of any, are left alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def heard(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(drain)
        handler = before[signal.Signals(number)]
        assert callable(handler)  # noqa: S101 - others are not replaced
        handler(number, frame)

    # A loop's own handlers (asyncio's add_signal_handler) are called beside these: it hears of signals by a pipe.
    ours = [number for number, handler in before.items() if callable(handler)]
    for number in ours:
        signal.signal(number, heard)
    try:
        yield
    finally:
        for number in ours:
            if signal.getsignal(number) is heard:
                signal.signal(number, before[number])

"""Telling one's own end from that of something one waited for."""

from __future__ import annotations

import asyncio


def ends_this_task() -> bool:
    """Whether a ``CancelledError`` at hand means the current task.

    It looks the same when only a future that the task waited for was cancelled; to pass that on would end a task that
    nobody asked to end.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def heed_cancellation() -> None:
    """End the current task if it was asked to end and somebody swallowed that, before it waits for something else.

    ``asyncio.wait_for``, which nats-py uses, does so before Python 3.12 when what it waits for comes at the same time.
    """
    if ends_this_task():
        raise asyncio.CancelledError

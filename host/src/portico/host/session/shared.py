"""One call under way, shared by everybody who wants its result meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Single flight: success and failure alike go to all who wait, and the next caller begins anew.

    A caller that gives up leaves the call to the others.
    """

    def __init__(self) -> None:
        self._under_way: asyncio.Task[T] | None = None

    async def result_of(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of the call under way, or else of `call`."""
        task = self._under_way
        if task is None or task.done():
            task = self._under_way = asyncio.create_task(call())
            task.add_done_callback(_take_exception)
        return await asyncio.shield(task)


def _take_exception(task: asyncio.Task[Any]) -> None:
    """Keep asyncio from warning about an exception that nobody was left to take."""
    if not task.cancelled():
        task.exception()

"""Calls that last are told so, with one timer for all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from portico.host.gateway.watch import Watch


class Call:
    def __init__(self) -> None:
        self.told = 0
        self.is_told = asyncio.Event()

    def watch(self) -> None:
        self.told += 1
        self.is_told.set()


async def test_a_call_that_lasts_is_told_once() -> None:
    watch, call, later = Watch(0.001), Call(), Call()
    watch.begin(call)
    await call.is_told.wait()
    watch.begin(later)
    await later.is_told.wait()
    assert (call.told, later.told) == (1, 1)
    watch.end(call)


async def test_a_call_that_is_over_is_not_told() -> None:
    watch, over, lasting = Watch(0.001), Call(), Call()
    watch.begin(over)
    watch.begin(lasting)
    watch.end(over)
    await lasting.is_told.wait()
    assert over.told == 0


async def test_many_short_calls_need_one_timer() -> None:
    watch, loop = Watch(60), asyncio.get_running_loop()
    timers: list[float] = []
    loop.call_later = lambda delay, *_: timers.append(delay)  # type: ignore[method-assign,assignment]
    for _ in range(100):
        call = Call()
        watch.begin(call)
        watch.end(call)
    assert timers == [60]


async def test_a_call_is_told_at_the_second_look_after_it_began_unless_it_is_over() -> None:
    watch, loop = Watch(60), asyncio.get_running_loop()
    looks: list[Callable[[], None]] = []

    def call_later(_delay: float, look: Callable[[], None]) -> None:
        looks.append(look)

    loop.call_later = call_later  # type: ignore[method-assign,assignment]
    first, over, late = Call(), Call(), Call()
    watch.begin(first)
    watch.begin(over)
    looks.pop()()
    assert first.told == 0
    watch.end(over)
    watch.begin(late)
    looks.pop()()
    assert (first.told, over.told, late.told) == (1, 0, 0)
    looks.pop()()
    assert (first.told, over.told, late.told) == (1, 0, 1)
    assert not looks

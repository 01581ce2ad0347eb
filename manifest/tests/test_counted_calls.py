"""Counting calls counts those of the work alone, and leaves the process as it was."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from manifest.tests.counted_calls import counted


@contextmanager
def collections_that_call() -> Iterator[None]:
    """The collector runs after every few allocations, and calls a function of Python."""

    def called(_phase: str, _info: dict[str, int]) -> None:
        pass

    before = gc.get_threshold()
    gc.callbacks.append(called)
    gc.set_threshold(10)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.callbacks.remove(called)


def calls_of_work() -> int:
    with counted("call") as calls:
        kept = [[number] for number in range(1000)]  # the collector begins by how many are alive
    assert len(kept) == 1000
    return calls.number


def test_what_the_collector_calls_is_not_counted() -> None:
    alone = calls_of_work()
    with collections_that_call():
        assert calls_of_work() == alone


@pytest.mark.parametrize("collects", [True, False])
def test_the_collector_and_the_profile_are_as_they_were(collects: bool) -> None:
    enabled, profile = gc.isenabled(), sys.getprofile()
    try:
        gc.enable() if collects else gc.disable()
        calls_of_work()
        assert (gc.isenabled(), sys.getprofile()) == (collects, profile)
    finally:
        gc.enable() if enabled else gc.disable()

"""The verdict over schedules finds what it is there to find."""

from __future__ import annotations

import pytest

from e2e.ledger.schedule import Queue, make
from e2e.ledger.verdict import Told, complaints

A = Told("a", "x", kept=True)
B = Told("b", "x", kept=True)


@pytest.mark.parametrize(
    ("told", "waiting", "lines", "expected"),
    [
        ([A, B], [], [("x", "a"), ("x", "b")], []),
        ([A, B], ["b"], [("x", "a")], []),
        ([A], [], [], ["a is lost"]),
        ([A], [], [("x", "a"), ("x", "a")], ["a took effect 2 times"]),
        ([A], ["a"], [("x", "a")], ["a took effect, and is still shown as waiting"]),
        ([A, B], [], [("x", "b"), ("x", "a")], ["lane x ran as ['b', 'a'], not as ['a', 'b']"]),
        ([], [], [("x", "a")], ["a took effect, and nobody asked for it"]),
        ([Told("a", None, kept=False)], [], [], []),
        ([Told("a", None, kept=True, discarded=True)], [], [], []),
        ([Told("a", None, kept=False)], [], [("x", "a"), ("x", "a")], ["a took effect 2 times"]),
    ],
)
def test_complaints(told: list[Told], waiting: list[str], lines: list[tuple[str, str]], expected: list[str]) -> None:
    assert complaints(told, waiting, lines) == expected


def test_a_seed_is_always_the_same_schedule() -> None:
    """And seeds differ; each schedule has something to send, and its marks are its own."""
    schedules = [make(seed) for seed in range(200)]
    assert schedules == [make(seed) for seed in range(200)]
    assert len({schedule.steps for schedule in schedules}) == 200
    for schedule in schedules:
        marks = [wish.mark for step in schedule.steps if isinstance(step, Queue) for wish in step.wishes]
        assert marks == [wish.mark for wish in schedule.wishes]
        assert marks
        assert all(mark.startswith(schedule.name) for mark in marks)

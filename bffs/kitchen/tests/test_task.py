from datetime import UTC, datetime

import pytest

from kitchen_bff.errors import NotAccepted, NotNew
from kitchen_bff.task import RejectReason, Task, TaskLine, TaskStatus

TASK = Task(
    id="o1",
    restaurant_id="trattoria",
    restaurant_name="Trattoria",
    customer="ada",
    customer_name="Ada",
    placed_at=datetime(2026, 5, 1, tzinfo=UTC),
    lines=(TaskLine("Pizza", 2), TaskLine("Cake", 1)),
)


def test_a_task_is_accepted_and_then_ready() -> None:
    accepted = TASK.accept()
    assert (TASK.status, accepted.status, accepted.finish().status) == tuple(TaskStatus)[:3]


def test_it_is_accepted_once() -> None:
    for task in (TASK.accept(), TASK.accept().finish()):
        with pytest.raises(NotNew):
            task.accept()


def test_only_what_was_accepted_becomes_ready_and_once() -> None:
    for task in (TASK, TASK.accept().finish()):
        with pytest.raises(NotAccepted):
            task.finish()


def test_it_counts_portions() -> None:
    assert TASK.count == 3


def test_only_what_is_new_is_rejected_and_once() -> None:
    rejected = TASK.reject(RejectReason.CLOSING)
    assert (rejected.status, rejected.reason) == (TaskStatus.REJECTED, RejectReason.CLOSING)
    for task in (rejected, TASK.accept(), TASK.expire()):
        with pytest.raises(NotNew):
            task.reject(RejectReason.CLOSING)

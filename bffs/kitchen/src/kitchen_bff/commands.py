"""What a cook can do: read, apply the rules, keep. The caller's unit of work is committed by the kit."""

from collections.abc import Callable

from kitchen_bff import model
from kitchen_bff.errors import UnknownTask
from kitchen_bff.model import TASK
from kitchen_bff.task import RejectReason, Task
from portico.bff import ConflictError, Event, Stored, UnitOfWork


async def accept(uow: UnitOfWork, task_id: str, version: int) -> Stored[Task]:
    """Take a task on, if it is still at the version that the cook saw, and tell the other services.

    Raises UnknownTask, ConflictError (with the task as it is now) and what ``Task.accept`` raises.
    """
    return await _change(uow, task_id, version, Task.accept, "order.accepted")


async def finish(uow: UnitOfWork, task_id: str, version: int) -> Stored[Task]:
    """Have a task ready to go; otherwise as ``accept``."""
    return await _change(uow, task_id, version, Task.finish, "order.ready")


async def reject(uow: UnitOfWork, task_id: str, version: int, reason: RejectReason) -> Stored[Task]:
    """Turn a task down; otherwise as ``accept``."""
    return await _change(uow, task_id, version, lambda task: task.reject(reason), "order.rejected")


async def _change(
    uow: UnitOfWork, task_id: str, version: int, change: Callable[[Task], Task], fact: str
) -> Stored[Task]:
    stored = await model.task(uow, task_id)
    if stored is None:
        raise UnknownTask
    if stored.version != version:
        raise ConflictError(TASK, task_id, version, stored)
    changed = change(stored.entity)
    await uow.put(TASK, task_id, changed, version=version)
    uow.emit(Event(type=fact, subject=task_id, entity=changed))
    model.tell_of(uow, changed)
    after = await model.task(uow, task_id)
    assert after is not None  # noqa: S101 - it was put just now
    return after

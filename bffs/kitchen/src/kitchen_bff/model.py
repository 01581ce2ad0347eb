"""How tasks are kept: they belong to a restaurant (the tenant), and its cooks alone change them."""

from typing import Final

from kitchen_bff.shown import ShownTask
from kitchen_bff.task import Task, TaskStatus
from portico.bff import EntityType, Reach, Stored, UnitOfWork

TASK = EntityType("task", Task, reach=Reach.TENANT, writers=frozenset({"cook"}), shown=ShownTask.of)

QUEUE_CHANGED: Final = "kitchen.queue-changed"
"""What the cooks of a restaurant are told when a task came or changed: ``{id, status}``."""

MOST: Final = 200
"""How many tasks of one status a queue shows; a kitchen with more waiting has other worries."""


def tell_of(uow: UnitOfWork, task: Task) -> None:
    """Tell the cooks of the restaurant, with this commit, that a task came or changed."""
    uow.tell(tenant=task.restaurant_id, type=QUEUE_CHANGED, data={"id": task.id, "status": task.status.name})


async def task(uow: UnitOfWork, task_id: str) -> Stored[Task] | None:
    """Return a task of this restaurant, or None: there is none, or it is another's."""
    return await uow.get(TASK, task_id)


async def waiting(uow: UnitOfWork) -> list[Stored[Task]]:
    """Return what is to be done, oldest first (ids are ordered by time)."""
    found: list[Stored[Task]] = []
    for status in (TaskStatus.NEW, TaskStatus.ACCEPTED):
        found.extend((await uow.query(TASK, where={"status": status.value}, limit=MOST)).items)
    return sorted(found, key=lambda stored: (stored.entity.placed_at, stored.key.pk))


async def done(uow: UnitOfWork, first: int) -> list[Stored[Task]]:
    """Return the ``first`` newest tasks that are ready to go."""
    page = await uow.query(TASK, where={"status": TaskStatus.READY.value}, limit=first, descending=True)
    return list(page.items)

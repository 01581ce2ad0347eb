"""How tasks are kept: they belong to a restaurant (the tenant), and its cooks alone change them."""

from typing import Final, NamedTuple

from kitchen_bff.shown import ShownTask
from kitchen_bff.task import Task, TaskStatus
from portico.bff import EntityType, Reach, Stored, UnitOfWork

TASK = EntityType("task", Task, reach=Reach.TENANT, writers=frozenset({"cook"}), shown=ShownTask.of)

QUEUE_CHANGED: Final = "kitchen.queue-changed"
"""What the cooks of a restaurant are told when a task came or changed: ``{id, status}``."""

MOST: Final = 200
"""How many tasks of one status a queue shows; a kitchen with more waiting has other worries."""


class Work(NamedTuple):
    """A kitchen's work."""

    queue: list[Stored[Task]]
    done: list[Stored[Task]]


def tell_of(uow: UnitOfWork, task: Task) -> None:
    """Tell the cooks of the restaurant, with this commit, that a task came or changed."""
    uow.tell(tenant=task.restaurant_id, type=QUEUE_CHANGED, data={"id": task.id, "status": task.status.name})


async def task(uow: UnitOfWork, task_id: str) -> Stored[Task] | None:
    """Return a task of this restaurant, or None: there is none, or it is another's."""
    return await uow.get(TASK, task_id)


async def waiting(uow: UnitOfWork) -> list[Stored[Task]]:
    """Return what is to be done, oldest first (ids are ordered by time), each task once.

    A task only goes forward: read in its order of progress, one that moves meanwhile is found, maybe twice; then the
    later reading is true.
    """
    found: dict[object, Stored[Task]] = {}
    for status in (TaskStatus.NEW, TaskStatus.ACCEPTED):
        page = await uow.query(TASK, where={"status": status.value}, limit=MOST)
        found.update((stored.key, stored) for stored in page.items)
    return sorted(found.values(), key=lambda stored: (stored.entity.placed_at, stored.key.pk))


async def work(uow: UnitOfWork, first: int) -> Work:
    """Return what waits and what was done last, each task in one place, as in ``waiting``."""
    queue = await waiting(uow)
    made = await done(uow, first)
    gone = {stored.key for stored in made}
    return Work([stored for stored in queue if stored.key not in gone], made)


async def done(uow: UnitOfWork, first: int) -> list[Stored[Task]]:
    """Return the ``first`` newest tasks that are ready to go."""
    page = await uow.query(TASK, where={"status": TaskStatus.READY.value}, limit=first, descending=True)
    return list(page.items)

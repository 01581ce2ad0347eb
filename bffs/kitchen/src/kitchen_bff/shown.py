"""What a cook is shown of a task that changed under their hands: what the API's Task says, and no more."""

from datetime import datetime
from typing import Self

import msgspec

from kitchen_bff.task import Task, TaskLine


class ShownTask(msgspec.Struct, frozen=True, rename="camel"):
    """A task without the person's ``sub``: here ``customer`` is the name on the bag, and ``status`` is upper case."""

    id: str
    status: str
    restaurant_id: str
    restaurant_name: str
    customer: str
    placed_at: datetime
    count: int
    lines: tuple[TaskLine, ...]
    note: str

    @classmethod
    def of(cls, task: Task) -> Self:
        """Leave out what is not a cook's to know."""
        return cls(
            id=task.id,
            status=task.status.name,
            restaurant_id=task.restaurant_id,
            restaurant_name=task.restaurant_name,
            customer=task.customer_name,
            placed_at=task.placed_at,
            count=task.count,
            lines=task.lines,
            note=task.note,
        )

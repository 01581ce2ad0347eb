"""The GraphQL types, and how the domain's values become them."""

from datetime import datetime
from typing import Self

import strawberry

from kitchen_bff import model, task
from portico.bff import Stored

strawberry.enum(task.TaskStatus, description="How far the kitchen is; it only goes forward.")
strawberry.enum(task.RejectReason, description="Why a restaurant does not take an order.")


@strawberry.type(description="Portions of one dish.")
class TaskLine:
    """See the domain's TaskLine."""

    name: str
    quantity: int


@strawberry.type(description="An order as the kitchen sees it.")
class Task:
    """See the domain's Task."""

    id: strawberry.ID = strawberry.field(description="The order's id.")
    version: int = strawberry.field(description="Grows by one with every change; commands name the one they mean.")
    status: task.TaskStatus
    restaurant_id: strawberry.ID
    restaurant_name: str
    customer: str = strawberry.field(description="The name on the bag.")
    placed_at: datetime
    count: int = strawberry.field(description="How many portions.")
    lines: list[TaskLine]
    note: str

    @classmethod
    def of(cls, stored: Stored[task.Task]) -> Self:
        """Map from the store's row."""
        value = stored.entity
        return cls(
            id=strawberry.ID(value.id),
            version=stored.version,
            status=value.status,
            restaurant_id=strawberry.ID(value.restaurant_id),
            restaurant_name=value.restaurant_name,
            customer=value.customer_name,
            placed_at=value.placed_at,
            count=value.count,
            lines=[TaskLine(name=line.name, quantity=line.quantity) for line in value.lines],
            note=value.note,
        )


@strawberry.type(description="A kitchen's work.")
class Work:
    """See the model's Work."""

    queue: list[Task] = strawberry.field(description="What is to be done, oldest first: new orders and accepted ones.")
    done: list[Task] = strawberry.field(description="What is ready to go, newest first.")

    @classmethod
    def of(cls, found: model.Work) -> Self:
        """Map from what was read."""
        return cls(queue=[Task.of(stored) for stored in found.queue], done=[Task.of(stored) for stored in found.done])

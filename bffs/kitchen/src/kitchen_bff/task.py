"""A task: an order as the kitchen sees it, from its arrival until it is ready to go; a change returns a new task."""

from datetime import datetime
from enum import Enum

import msgspec
from msgspec.structs import replace

from kitchen_bff.errors import NotAccepted, NotNew


class TaskStatus(Enum):
    """How far the kitchen is; it only goes forward. Of what was rejected, or not answered in time, nothing is to do."""

    NEW = "new"
    ACCEPTED = "accepted"
    READY = "ready"
    REJECTED = "rejected"
    EXPIRED = "expired"


class RejectReason(Enum):
    """Why a restaurant does not take an order."""

    SOLD_OUT = "sold-out"
    TOO_BUSY = "too-busy"
    CLOSING = "closing"


class TaskLine(msgspec.Struct, frozen=True, rename="camel"):
    """``quantity`` portions of a dish."""

    name: str
    quantity: int


class Task(msgspec.Struct, frozen=True, rename="camel"):
    """What a restaurant has to cook for ``customer`` (a ``sub``); ``customer_name`` is the name on the bag.

    ``id`` is the order's; ``reason`` is why it was rejected.
    """

    id: str
    restaurant_id: str
    restaurant_name: str
    customer: str
    customer_name: str
    placed_at: datetime
    lines: tuple[TaskLine, ...]
    note: str = ""
    status: TaskStatus = TaskStatus.NEW
    reason: RejectReason | None = None

    @property
    def count(self) -> int:
        """How many portions are to be made."""
        return sum(line.quantity for line in self.lines)

    def accept(self) -> "Task":
        """Take the task on. Raises NotNew when somebody did already."""
        if self.status is not TaskStatus.NEW:
            raise NotNew
        return replace(self, status=TaskStatus.ACCEPTED)

    def finish(self) -> "Task":
        """Have it ready to go. Raises NotAccepted when nobody took it on, or when it is ready already."""
        if self.status is not TaskStatus.ACCEPTED:
            raise NotAccepted
        return replace(self, status=TaskStatus.READY)

    def reject(self, reason: RejectReason) -> "Task":
        """Turn it down. Raises NotNew when it was answered already."""
        if self.status is not TaskStatus.NEW:
            raise NotNew
        return replace(self, status=TaskStatus.REJECTED, reason=reason)

    def expire(self) -> "Task":
        """It was not answered in time: whatever the kitchen did meanwhile came too late."""
        return replace(self, status=TaskStatus.EXPIRED)

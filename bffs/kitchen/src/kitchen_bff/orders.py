"""What the kitchen hears of orders: each that is paid becomes a task of its restaurant, unless it waits too long."""

from datetime import datetime
from typing import Final

import msgspec

from kitchen_bff.model import TASK, tell_of
from kitchen_bff.task import Task, TaskLine
from portico.bff import Listener, ReceivedEvent, UnitOfWork

listener: Final = Listener()


class Recipient(msgspec.Struct, frozen=True):
    """Of the address, the kitchen needs the name on the bag and no more."""

    name: str


class PaidOrder(msgspec.Struct, frozen=True, rename="camel"):
    """What an ``order.confirmed`` carries, as far as a kitchen is concerned."""

    id: str
    customer: str
    placed_at: datetime
    restaurant_id: str
    restaurant_name: str
    lines: tuple[TaskLine, ...]
    address: Recipient
    note: str = ""

    def task(self) -> Task:
        """The task that it is for the kitchen."""
        return Task(
            id=self.id,
            restaurant_id=self.restaurant_id,
            restaurant_name=self.restaurant_name,
            customer=self.customer,
            customer_name=self.address.name,
            placed_at=self.placed_at,
            lines=self.lines,
            note=self.note,
        )


class ExpiredOrder(msgspec.Struct, frozen=True, rename="camel"):
    """What an ``order.expired`` carries, as far as a kitchen is concerned."""

    id: str
    restaurant_id: str


@listener.on("order.confirmed", id="confirmed", by=["fulfilment"], reads=PaidOrder)
async def take_order(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Put a new order into its restaurant's queue. One that is there already may be half done: it stays as it is."""
    task = event.entity(PaidOrder).task()
    if await uow.get(TASK, task.id) is not None:
        return
    if await uow.fold(TASK, task.id, task, tenant=task.restaurant_id):
        tell_of(uow, task)


@listener.on("order.expired", id="expired", by=["fulfilment"], reads=ExpiredOrder)
async def leave_order(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Take what was not answered in time out of the queue; of what was not heard of, leave word for when it is."""
    order = event.entity(ExpiredOrder)
    stored = await uow.get(TASK, order.id)
    if stored is None:
        await uow.fold(TASK, order.id, None, tenant=order.restaurant_id)
        return
    task = stored.entity.expire()
    await uow.put(TASK, task.id, task)
    tell_of(uow, task)

"""What ratings hear: an order that is completed may be rated by who ordered."""

from typing import Final

from portico.bff import Listener, ReceivedEvent, UnitOfWork
from ratings_bff.model import COMPLETED, CompletedOrder

listener: Final = Listener()


@listener.on("order.completed", id="completed", by=["fulfilment"], reads=CompletedOrder)
async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Keep that the order may be rated."""
    order = event.entity(CompletedOrder)
    if await uow.fold(COMPLETED, order.id, order, owner=order.customer):
        uow.tell(person=order.customer, type="ratings.order-completed", data={"id": order.id})

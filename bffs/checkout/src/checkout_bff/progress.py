"""What checkout hears of its orders from the services that work on them."""

from typing import Final

from msgspec.structs import replace

from checkout_bff.model import ORDER
from checkout_bff.order import OrderStatus
from portico.bff import Listener, ReceivedEvent, UnitOfWork

listener: Final = Listener()

ORDER_CHANGED: Final = "checkout.order-changed"
"""What the customer's pages are told when an order came further: ``{id, status}``."""

_STATUS: Final = {"order.accepted": OrderStatus.ACCEPTED, "order.ready": OrderStatus.READY}


@listener.on("order.accepted", id="order-accepted", by=["kitchen"])
@listener.on("order.ready", id="order-ready", by=["kitchen"])
async def follow(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Move an order on; it never goes back, in whatever order the steps are heard."""
    status = _STATUS[event.type]
    stored = await uow.get(ORDER, event.subject)
    if stored is not None and status.is_after(stored.entity.status):
        await uow.put(ORDER, event.subject, replace(stored.entity, status=status))
        told = {"id": event.subject, "status": status.name}
        uow.tell(person=stored.entity.customer, type=ORDER_CHANGED, data=told)

"""What checkout hears of its orders from the services that work on them."""

from typing import Final

import msgspec
from msgspec.structs import replace

from checkout_bff.model import ORDER
from checkout_bff.order import CancelReason, OrderStatus
from portico.bff import Listener, ReceivedEvent, UnitOfWork

listener: Final = Listener()

ORDER_CHANGED: Final = "checkout.order-changed"
"""What the customer's pages are told when an order came further: ``{id, status}``."""

_STATUS: Final = {f"order.{status.value}": status for status in OrderStatus if status is not OrderStatus.SUBMITTED}
_REASONS: Final = {reason.value: reason for reason in CancelReason}


class Ended(msgspec.Struct, frozen=True):
    """What an event about an order may say of why it ended."""

    reason: str | None = None


@listener.on("order.*", id="order-progress", by=["fulfilment", "kitchen", "courier"], reads=Ended)
async def follow(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Move an order on; it never goes back, in whatever order the steps are heard.

    Services that tell of steps we do not know are heard in silence.
    """
    status = _STATUS.get(event.type)
    stored = await uow.get(ORDER, event.subject)
    if status is None or stored is None or not status.is_after(stored.entity.status):
        return
    reason = _REASONS.get(event.entity(Ended).reason or "") if status is OrderStatus.CANCELLED else None
    await uow.put(ORDER, event.subject, replace(stored.entity, status=status, reason=reason))
    told = {"id": event.subject, "status": status.name}
    uow.tell(person=stored.entity.customer, type=ORDER_CHANGED, data=told)

"""What tracking hears of orders, from those who work on them: every step is folded into the person's delivery."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import msgspec

from portico.bff import Listener, Notice, ReceivedEvent, UnitOfWork
from tracking_bff.delivery import Delivery, DeliveryStatus, Money, Step
from tracking_bff.model import DELIVERY, ORDER_CHANGED

listener: Final = Listener()

_STEPS: Final = {f"order.{status.value}": status for status in DeliveryStatus}


class HeardOrder(msgspec.Struct, frozen=True, rename="camel"):
    """What every event about an order tells of it; only the order's own says what it costs."""

    id: str
    customer: str
    restaurant_name: str
    total: Money | None = None


@listener.on("order.*", id="delivery", by=["checkout", "kitchen"])
async def follow(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Add what the event says to the delivery, and tell the person when the order went on.

    Services that tell of steps we do not know yet are heard in silence.
    """
    status = _STEPS.get(event.type)
    if status is None:
        return
    heard = _delivery(event, status)
    stored = await uow.get(DELIVERY, heard.id)
    known = stored.entity if stored else None
    delivery = known.merge(heard) if known else heard
    if delivery == known:
        return
    await uow.put(DELIVERY, delivery.id, delivery, owner=delivery.customer)
    uow.tell(person=delivery.customer, type=ORDER_CHANGED, data={"id": delivery.id, "status": delivery.status.name})
    if delivery.further_than(known) and (notice := _notice(delivery)) is not None:
        uow.notify(delivery.customer, notice)


def _delivery(event: ReceivedEvent, status: DeliveryStatus) -> Delivery:
    order = event.entity(HeardOrder)
    at = datetime.fromtimestamp(event.timestamp / 1000, UTC)
    return Delivery(order.id, order.customer, order.restaurant_name, (Step(status, at),), order.total)


def _notice(delivery: Delivery) -> Notice | None:
    """What the person is told when the order came this far; that they placed it they know."""
    href = f"/track/{quote(delivery.id, safe='')}"
    match delivery.status:
        case DeliveryStatus.SUBMITTED:
            return None
        case DeliveryStatus.ACCEPTED:
            return Notice("Your order was accepted", f"{delivery.restaurant_name} is preparing it.", href)
        case DeliveryStatus.READY:
            return Notice("Your order is ready", f"It leaves {delivery.restaurant_name} any minute.", href)

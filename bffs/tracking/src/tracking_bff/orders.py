"""What tracking hears of orders, from those who work on them: every step is folded into the person's delivery."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import msgspec

from portico.bff import Listener, Notice, ReceivedEvent, UnitOfWork
from tracking_bff.delivery import Delivery, DeliveryStatus, Money, Reason, Step
from tracking_bff.model import DELIVERY, ORDER_CHANGED

listener: Final = Listener()

_STEPS: Final = {f"order.{status.value}": status for status in DeliveryStatus}
_REASONS: Final = {reason.value: reason for reason in Reason}


class HeardOrder(msgspec.Struct, frozen=True, rename="camel"):
    """What every event about an order tells of it; only the order's own say what it costs, and the ends of it why."""

    id: str
    customer: str
    restaurant_name: str
    total: Money | None = None
    reason: str | None = None
    courier_name: str | None = None


@listener.on("order.*", id="delivery", by=["checkout", "fulfilment", "kitchen", "courier"], reads=HeardOrder)
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


listener.projection("deliveries", rules=["delivery"], kinds=[DELIVERY])


def _delivery(event: ReceivedEvent, status: DeliveryStatus) -> Delivery:
    order = event.entity(HeardOrder)
    at = datetime.fromtimestamp(event.timestamp / 1000, UTC)
    step = Step(status, at, _REASONS.get(order.reason or ""))
    return Delivery(order.id, order.customer, order.restaurant_name, (step,), order.total, order.courier_name)


def _notice(delivery: Delivery) -> Notice | None:
    """What the person is told when the order came this far; that they placed and paid it they know."""
    href, restaurant = f"/track/{quote(delivery.id, safe='')}", delivery.restaurant_name
    match delivery.status:
        case DeliveryStatus.ACCEPTED:
            return Notice("Your order was accepted", f"{restaurant} is preparing it.", href)
        case DeliveryStatus.READY:
            return Notice("Your order is ready", f"It leaves {restaurant} any minute.", href)
        case DeliveryStatus.PICKED_UP:
            return Notice("Your order is on its way", f"{delivery.courier_name or 'The courier'} is bringing it.", href)
        case DeliveryStatus.DELIVERED:
            return Notice("Your order was delivered", f"Enjoy your meal from {restaurant}.", href)
        case DeliveryStatus.CANCELLED:
            return Notice("Your order was cancelled", _why(delivery), href)
        case _:
            return None


def _why(delivery: Delivery) -> str:
    """In words, what happened and where the money is."""
    match delivery.reason:
        case Reason.PAYMENT_FAILED:
            return "The payment did not go through. Nothing was charged."
        case Reason.EXPIRED:
            return f"{delivery.restaurant_name} did not answer in time. Your money is on its way back."
        case Reason.SOLD_OUT:
            return f"At {delivery.restaurant_name} something of it is sold out. Your money is on its way back."
        case _:
            return f"{delivery.restaurant_name} could not take it. Your money is on its way back."

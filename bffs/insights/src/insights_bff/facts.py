"""What insights hear of orders and ratings, from those whose affair it is."""

from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec.structs import asdict, replace

from insights_bff.journey import Journey, Money
from insights_bff.model import DAY, EVERYWHERE, JOURNEY, PLACE, STARS, Place, Stars, day_key
from insights_bff.sums import Sums
from portico.bff import Listener, ReceivedEvent, UnitOfWork

listener: Final = Listener()

_TIMES: Final = {
    "order.accepted": "accepted_at",
    "order.ready": "ready_at",
    "order.delivered": "delivered_at",
    "order.completed": "completed_at",
    "order.cancelled": "cancelled_at",
}
_TOLD_BY: Final = {
    "checkout": ("order.submitted",),
    "kitchen": ("order.accepted", "order.ready"),
    "courier": ("order.delivered",),
    "fulfilment": ("order.completed", "order.cancelled"),
}


class HeardOrder(msgspec.Struct, frozen=True, rename="camel"):
    """What events tell of an order; not all of them when it was placed, what it costs, and why it was cancelled."""

    id: str
    restaurant_id: str
    restaurant_name: str
    placed_at: datetime | None = None
    total: Money | None = None
    reason: str | None = None


class HeardPayment(msgspec.Struct, frozen=True, rename="camel"):
    """Of a payment, for which order it is and how much."""

    order_id: str
    amount: Money


class HeardRating(msgspec.Struct, frozen=True, rename="camel"):
    """Of a rating, how many stars for whom."""

    restaurant_id: str
    stars: int


async def follow(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Add what the event says to the order's journey, and what that changes to its restaurant's day."""
    await _add(_journey(event), uow)


async def settle(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """The same with what became of its payment; that may be heard before the order is."""
    payment = event.entity(HeardPayment)
    known = Journey(payment.order_id)
    match event.type:
        case "payment.succeeded":
            await _add(replace(known, paid=payment.amount), uow)
        case "payment.refunded":
            await _add(replace(known, refunded=payment.amount), uow)
        case "payment.failed":
            await _add(replace(known, payment_failed=True), uow)


async def _add(heard: Journey, uow: UnitOfWork) -> None:
    stored = await uow.get(JOURNEY, heard.id)
    known = stored.entity if stored else None
    journey = known.merge(heard) if known else heard
    if journey == known:
        return
    restaurant = journey.restaurant_id
    await uow.put(JOURNEY, journey.id, journey, tenant=restaurant or EVERYWHERE)
    if restaurant is None:
        return
    if await uow.get(PLACE, restaurant) is None:
        await uow.put(PLACE, restaurant, Place(restaurant, journey.restaurant_name or restaurant), tenant=restaurant)
    await _count(uow, restaurant, known, journey)


async def _count(uow: UnitOfWork, restaurant: str, known: Journey | None, journey: Journey) -> None:
    """Add what the journey comes to now, and take away what it came to before."""
    for day in sorted({one.day for one in (known, journey) if one is not None and one.day is not None}):
        before = known.sums if known is not None and known.day == day else Sums()
        now = journey.sums if journey.day == day else Sums()
        for pk in (restaurant, EVERYWHERE):
            sk = day_key(DAY, day, journey.id)
            row = await uow.get(DAY, pk, sk)
            sums = (row.entity if row else Sums()).plus(now).minus(before)
            await uow.put(DAY, pk, sums, sk=sk, tenant=pk)


for _service, _types in _TOLD_BY.items():
    for _type in _types:
        listener.on(_type, id=_type.partition(".")[2], by=[_service], reads=HeardOrder)(follow)


for _type, _id in (
    ("payment.succeeded", "paid"),
    ("payment.failed", "not-paid"),
    ("payment.refunded", "refunded"),
):
    listener.on(_type, id=_id, by=["payments"], reads=HeardPayment)(settle)


@listener.on("restaurant.rated", id="rated", by=["ratings"], reads=HeardRating)
async def star(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Add the stars to the restaurant's day."""
    rating = event.entity(HeardRating)
    sk = day_key(STARS, _date(event.timestamp), event.partition_key)
    for pk in (rating.restaurant_id, EVERYWHERE):
        row = await uow.get(STARS, pk, sk)
        known = row.entity if row else Stars()
        await uow.put(STARS, pk, Stars(known.stars + rating.stars, known.count + 1), sk=sk, tenant=pk)


listener.projection("report", rules=[rule.id for rule in listener.rules], kinds=[JOURNEY, PLACE, DAY, STARS])


def _journey(event: ReceivedEvent) -> Journey:
    order = event.entity(HeardOrder)
    known = Journey(order.id, order.restaurant_id, order.restaurant_name, total=order.total)
    if event.type == "order.cancelled":  # a cook's own words for a rejection are not counted by
        known = replace(known, reason=order.reason)
    if order.placed_at is not None:
        known = replace(known, placed_at=int(order.placed_at.timestamp() * 1000))
    if (time := _TIMES.get(event.type)) is not None:
        known = Journey(**{**asdict(known), time: event.timestamp})
    return known


def _date(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp / 1000, UTC).date().isoformat()

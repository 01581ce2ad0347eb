"""What the tests of insights share: one evening of an order, told by those who work on it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from portico.bff import Event
from portico.bff.testing.client import BffClient

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
"""Of yesterday: what is reported ends today."""
NOON_MS = int(NOON.timestamp() * 1000)
MINUTE = 60_000
TELLERS = {
    "order.submitted": "checkout",
    "order.accepted": "kitchen",
    "order.ready": "kitchen",
    "order.delivered": "courier",
    "order.completed": "fulfilment",
    "order.cancelled": "fulfilment",
    "payment.succeeded": "payments",
    "payment.failed": "payments",
    "payment.refunded": "payments",
}


class Amount(msgspec.Struct, frozen=True):
    minor: int
    currency: str = "EUR"


class Told(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """An order as any of them tells it, with more than insights want to know."""

    id: str
    restaurant_id: str
    restaurant_name: str
    customer: str = "ada"
    placed_at: datetime | None = None
    total: Amount | None = None
    reason: str | None = None


class Rated(msgspec.Struct, frozen=True, rename="camel"):
    """A rating as ratings tell it."""

    id: str
    restaurant_id: str
    stars: int


def fact(
    type_: str,
    order: str = "o-1",
    *,
    restaurant: str = "trattoria",
    reason: str | None = None,
    placed_at: datetime = NOON,
) -> Event:
    whole = type_ in {"order.submitted", "order.completed", "order.cancelled"}
    told = Told(
        order,
        restaurant,
        restaurant.title(),
        placed_at=placed_at if type_ != "order.delivered" else None,
        total=Amount(2000) if whole else None,
        reason=reason,
    )
    return Event(type_, order, told)


class Settled(msgspec.Struct, frozen=True, rename="camel"):
    """What became of a payment, as payments tell it."""

    id: str
    order_id: str
    amount: Amount
    customer: str = "ada"


def payment(type_: str, order: str = "o-1", minor: int = 2000) -> Event:
    return Event(type_, f"pay-{order}", Settled(f"pay-{order}", order, Amount(minor)), partition_key=order)


def rated(stars: int, *, restaurant: str = "trattoria", id_: str = "r-1") -> Event:
    return Event("restaurant.rated", id_, Rated(id_, restaurant, stars), partition_key=restaurant)


async def report(person: BffClient, **query: Any) -> dict[str, Any]:
    answer = await person.get("/report", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found

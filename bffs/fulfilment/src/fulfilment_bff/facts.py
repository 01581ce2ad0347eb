"""What fulfilment reads in the events of others, and what it says in its own."""

from datetime import datetime
from typing import Final

import msgspec

SUBMITTED: Final = "order.submitted"
ACCEPTED: Final = "order.accepted"
READY: Final = "order.ready"
REJECTED: Final = "order.rejected"
PICKED_UP: Final = "order.picked-up"
DELIVERED: Final = "order.delivered"
PAID: Final = "payment.succeeded"
NOT_PAID: Final = "payment.failed"
REFUNDED: Final = "payment.refunded"

ANSWERS: Final = (ACCEPTED, READY, REJECTED, PICKED_UP, DELIVERED)
"""Each of them says that the restaurant has answered, in whatever order they are heard."""


class Money(msgspec.Struct, frozen=True):
    """``minor`` units of ``currency`` (ISO 4217 code)."""

    minor: int
    currency: str


class Address(msgspec.Struct, frozen=True, rename="camel"):
    """Where an order goes."""

    name: str
    street: str
    postal_code: str
    city: str


class Line(msgspec.Struct, frozen=True, rename="camel"):
    """Portions of one dish."""

    dish_id: str
    name: str
    quantity: int
    unit_price: Money


class Order(msgspec.Struct, frozen=True, rename="camel"):
    """The whole order, as ``order.submitted`` tells it and the events of its end hand it on."""

    id: str
    customer: str
    placed_at: datetime
    restaurant_id: str
    restaurant_name: str
    lines: tuple[Line, ...]
    subtotal: Money
    delivery: Money
    total: Money
    address: Address
    note: str = ""
    status: str = "submitted"


class FinishedOrder(Order, frozen=True, rename="camel"):
    """An order at its end; ``reason`` says why it was cancelled: payment-failed, rejected or expired."""

    reason: str | None = None


class ExpiredOrder(msgspec.Struct, frozen=True, rename="camel"):
    """An order that no restaurant answered in time."""

    id: str
    customer: str
    restaurant_id: str
    restaurant_name: str


class Payment(msgspec.Struct, frozen=True, rename="camel"):
    """What is asked of payments, and what they answer; one per order."""

    id: str
    order_id: str
    customer: str
    amount: Money


class OfOrder(msgspec.Struct, frozen=True, rename="camel"):
    """As much of a payment's event as tells whose case it is."""

    order_id: str

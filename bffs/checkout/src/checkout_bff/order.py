"""An order: what was in the basket, at the prices of that moment, for one address."""

from datetime import datetime
from enum import Enum

import msgspec

from checkout_bff.basket import PricedBasket
from checkout_bff.errors import BasketEmpty, FieldFault, InvalidOrder, TotalChanged, UnknownDish
from checkout_bff.money import Money

MAX_NOTE = 300
_LIMITS = {"name": 80, "street": 120, "postal_code": 12, "city": 80}
_WORDS = {"name": "a name", "street": "a street and house number", "postal_code": "a postal code", "city": "a town"}


class OrderStatus(Enum):
    """How far the order is; what comes after its submission arrives as events of the services that do it."""

    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    READY = "ready"
    PICKED_UP = "picked-up"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    COMPLETED = "completed"
    CANCELLED = "cancelled"

    def is_after(self, other: "OrderStatus") -> bool:
        """Whether an order that is here came further than the other."""
        order = list(OrderStatus)
        return order.index(self) > order.index(other)


class CancelReason(Enum):
    """Why an order was cancelled."""

    PAYMENT_FAILED = "payment-failed"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Address(msgspec.Struct, frozen=True, rename="camel"):
    """Where the order goes and whose name is on the door."""

    name: str
    street: str
    postal_code: str
    city: str


class OrderLine(msgspec.Struct, frozen=True, rename="camel"):
    """``quantity`` portions of a dish at the price it had when the order was placed."""

    dish_id: str
    name: str
    quantity: int
    unit_price: Money

    @property
    def total(self) -> Money:
        """What the line costs."""
        return self.unit_price.times(self.quantity)


class Order(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A placed order of ``customer`` (a ``sub``), at the amounts they agreed to, whatever the price book says later.

    ``reason`` is why it was cancelled.
    """

    id: str
    customer: str
    placed_at: datetime
    status: OrderStatus
    restaurant_id: str
    restaurant_name: str
    lines: tuple[OrderLine, ...]
    subtotal: Money
    delivery: Money
    total: Money
    address: Address
    note: str
    reason: CancelReason | None = None

    @property
    def count(self) -> int:
        """How many portions were ordered."""
        return sum(line.quantity for line in self.lines)


class Wish(msgspec.Struct, frozen=True):
    """What a person asks for when they place an order: where to, and the total they have ``seen`` on the page."""

    address: Address
    note: str
    seen: Money


def place(basket: PricedBasket, wish: Wish, *, order_id: str, customer: str, at: datetime) -> Order:
    """Make an order of a basket, if its total is the one the person saw.

    Raises BasketEmpty, UnknownDish (a dish is sold no more), TotalChanged or InvalidOrder.
    """
    if not basket.lines:
        raise BasketEmpty
    address, note = _checked(wish.address, wish.note)
    lines: list[OrderLine] = []
    for priced in basket.lines:
        if priced.dish is None:
            raise UnknownDish(priced.line.name)
        lines.append(OrderLine(priced.dish.id, priced.dish.name, priced.line.quantity, priced.dish.unit_price))
    if basket.total != wish.seen:
        raise TotalChanged
    return Order(
        id=order_id,
        customer=customer,
        placed_at=at,
        status=OrderStatus.SUBMITTED,
        restaurant_id=basket.basket.restaurant_id,
        restaurant_name=basket.basket.restaurant_name,
        lines=tuple(lines),
        subtotal=basket.subtotal,
        delivery=basket.delivery,
        total=basket.total,
        address=address,
        note=note,
    )


def _checked(address: Address, note: str) -> tuple[Address, str]:
    values = {field: " ".join(str(getattr(address, field)).split()) for field in _LIMITS}
    faults = [fault for field, value in values.items() if (fault := _fault(field, value))]
    note = note.strip()
    if len(note) > MAX_NOTE:
        faults.append(FieldFault("note", f"Keep the note to {MAX_NOTE} characters."))
    if faults:
        raise InvalidOrder(faults)
    return Address(**values), note


def _fault(field: str, value: str) -> FieldFault | None:
    if not value:
        return FieldFault(field, f"Enter {_WORDS[field]}.")
    if len(value) > _LIMITS[field]:
        return FieldFault(field, f"Keep this to {_LIMITS[field]} characters.")
    return None

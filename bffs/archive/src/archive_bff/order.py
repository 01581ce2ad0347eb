"""An order at its end, as fulfilment tells it: what a receipt says."""

from datetime import datetime

import msgspec


class Money(msgspec.Struct, frozen=True):
    """``minor`` units of ``currency`` (ISO 4217 code)."""

    minor: int
    currency: str

    def times(self, count: int) -> "Money":
        """So often."""
        return Money(self.minor * count, self.currency)


class Address(msgspec.Struct, frozen=True, rename="camel"):
    """Where the order went."""

    name: str
    street: str
    postal_code: str
    city: str


class Line(msgspec.Struct, frozen=True, rename="camel"):
    """Portions of one dish."""

    name: str
    quantity: int
    unit_price: Money


class FinishedOrder(msgspec.Struct, frozen=True, rename="camel"):
    """The whole order; ``reason`` says why it was cancelled."""

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
    status: str
    note: str = ""
    reason: str | None = None

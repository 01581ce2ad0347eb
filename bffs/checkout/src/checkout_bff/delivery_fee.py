"""What bringing an order costs: the share of the restaurant's fee that the customer pays, as a decision table."""

from decimal import Decimal
from typing import Final

from checkout_bff.money import Money
from portico.bff.control import DecisionTable, Hit

TABLE: Final = DecisionTable(
    "delivery-fee",
    inputs={"subtotal": Decimal},
    outputs={"percent": Decimal},
    rules="""
        | subtotal       | percent |
        | < 60.00        | 100     |
        | [60.00..90.00) | 50      |
        | >= 90.00       | 0       |
    """,
    hit=Hit.UNIQUE,
)
"""By the subtotal in units of the currency."""


def delivery_fee(fee: Money, subtotal: Money) -> Money:
    """Return what the customer pays of a restaurant's ``fee``, in whole minor units, half a unit in their favour."""
    percent = TABLE.decide(subtotal=Decimal(subtotal.minor) / 100)["percent"]
    return Money(int(fee.minor * Decimal(percent) / 100), fee.currency)

"""Money as whole minor units (cents) of one currency; never a float."""

from typing import Self

import msgspec


class Money(msgspec.Struct, frozen=True):
    """``minor`` units of ``currency`` (ISO 4217 code), e.g. ``Money(1250, "EUR")`` for 12.50 euros."""

    minor: int
    currency: str

    def __add__(self, other: Self) -> Self:
        """Add money of the same currency. Raises ValueError when the currencies differ."""
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return type(self)(self.minor + other.minor, self.currency)

    def times(self, quantity: int) -> Self:
        """Return the price of ``quantity`` pieces."""
        return type(self)(self.minor * quantity, self.currency)

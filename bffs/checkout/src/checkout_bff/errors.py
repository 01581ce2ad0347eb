"""What checkout refuses, each with a stable code and a sentence for the person; mapped to GraphQL once, at the edge."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one field of the input; ``field`` is its name in the GraphQL input."""

    field: str
    detail: str


class CheckoutError(Exception):
    """A rule says no. ``str(error)`` may be shown to the person; ``code`` never changes."""

    code: ClassVar[str] = "checkout"


class UnknownDish(CheckoutError):
    """The price book does not know the dish, or does not sell it any more."""

    code: ClassVar[str] = "unknown-dish"

    def __init__(self, name: str = "This dish") -> None:
        super().__init__(f"{name} is not on the menu any more.")


class NotInBasket(CheckoutError):
    """The change names a dish that the basket does not hold."""

    code: ClassVar[str] = "not-in-basket"

    def __init__(self) -> None:
        super().__init__("This dish is not in your basket any more.")


class OtherRestaurant(CheckoutError):
    """A basket holds dishes of one restaurant, because one kitchen makes one order."""

    code: ClassVar[str] = "other-restaurant"

    def __init__(self, current: str, wanted: str) -> None:
        super().__init__(f"Your basket holds dishes from {current}. Start a new basket to order from {wanted}.")


class QuantityOutOfRange(CheckoutError):
    """Fewer than one or more than the kitchen takes of one dish."""

    code: ClassVar[str] = "quantity-out-of-range"

    def __init__(self, most: int) -> None:
        super().__init__(f"Choose between 1 and {most} of a dish.")


class BasketFull(CheckoutError):
    """More different dishes than one order takes."""

    code: ClassVar[str] = "basket-full"

    def __init__(self, most: int) -> None:
        super().__init__(f"A basket holds at most {most} different dishes.")


class BasketEmpty(CheckoutError):
    """An order needs at least one dish."""

    code: ClassVar[str] = "basket-empty"

    def __init__(self) -> None:
        super().__init__("Your basket is empty.")


class TotalChanged(CheckoutError):
    """The basket now costs something else than the person saw when they placed the order."""

    code: ClassVar[str] = "total-changed"

    def __init__(self) -> None:
        super().__init__("Your basket has changed since you opened it. Check the new total, then place the order.")


class InvalidOrder(CheckoutError):
    """The address or the note does not do; ``faults`` names each field."""

    code: ClassVar[str] = "invalid-order"

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__("Some details are missing or too long.")
        self.faults = tuple(faults)

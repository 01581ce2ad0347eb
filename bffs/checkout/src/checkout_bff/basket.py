"""The basket of one person: what they mean to order, without prices; a change returns a new basket."""

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from checkout_bff.delivery_fee import delivery_fee
from checkout_bff.errors import BasketFull, NotInBasket, OtherRestaurant, QuantityOutOfRange
from checkout_bff.money import Money

MAX_QUANTITY = 20
MAX_LINES = 40


class Restaurant(msgspec.Struct, frozen=True, rename="camel"):
    """Who cooks, and what bringing one order costs them (what of it a customer pays: ``delivery_fee``)."""

    id: str
    name: str
    delivery: Money


class Dish(msgspec.Struct, frozen=True, rename="camel"):
    """One entry of the price book: what a dish is called, who cooks it and what one portion costs."""

    id: str
    name: str
    restaurant: Restaurant
    unit_price: Money


class Line(msgspec.Struct, frozen=True, rename="camel"):
    """``quantity`` portions of one dish; ``name`` is what it was called when it was added."""

    dish_id: str
    name: str
    quantity: int


class Basket(msgspec.Struct, frozen=True, rename="camel"):
    """Lines in the order of adding, all of one restaurant; empty baskets belong to none."""

    restaurant_id: str = ""
    restaurant_name: str = ""
    lines: tuple[Line, ...] = ()

    def add(self, dish: Dish, quantity: int = 1) -> "Basket":
        """Add portions of a dish. Raises OtherRestaurant, QuantityOutOfRange or BasketFull."""
        if self.lines and dish.restaurant.id != self.restaurant_id:
            raise OtherRestaurant(self.restaurant_name, dish.restaurant.name)
        held = next((line for line in self.lines if line.dish_id == dish.id), None)
        if held is not None:
            return self.change(dish.id, held.quantity + _checked(quantity))
        if len(self.lines) >= MAX_LINES:
            raise BasketFull(MAX_LINES)
        line = Line(dish.id, dish.name, _checked(quantity))
        return Basket(dish.restaurant.id, dish.restaurant.name, (*self.lines, line))

    def change(self, dish_id: str, quantity: int) -> "Basket":
        """Set how many portions of a dish are wanted. Raises NotInBasket or QuantityOutOfRange."""
        if all(line.dish_id != dish_id for line in self.lines):
            raise NotInBasket
        wanted = _checked(quantity)
        lines = tuple(replace(line, quantity=wanted) if line.dish_id == dish_id else line for line in self.lines)
        return replace(self, lines=lines)

    def remove(self, dish_id: str) -> "Basket":
        """Take a dish out; a dish that is not there is no error, so that removing twice ends the same."""
        lines = tuple(line for line in self.lines if line.dish_id != dish_id)
        return replace(self, lines=lines) if lines else Basket()


class PricedLine(msgspec.Struct, frozen=True):
    """A basket line beside its dish as the price book has it now; ``dish`` is None when it is sold no more."""

    line: Line
    dish: Dish | None

    @property
    def total(self) -> Money | None:
        """What the line costs, or None when the dish is sold no more."""
        return self.dish.unit_price.times(self.line.quantity) if self.dish else None


class PricedBasket(msgspec.Struct, frozen=True):
    """A basket with today's prices; the totals leave out dishes that are sold no more.

    ``fee`` is what the restaurant asks for bringing it, ``delivery`` what the customer pays of that.
    """

    basket: Basket
    lines: tuple[PricedLine, ...]
    subtotal: Money
    fee: Money
    delivery: Money

    @property
    def total(self) -> Money:
        """Subtotal and delivery together."""
        return self.subtotal + self.delivery

    @property
    def count(self) -> int:
        """How many portions the basket holds."""
        return sum(line.line.quantity for line in self.lines)


def price(basket: Basket, book: Mapping[str, Dish], currency: str) -> PricedBasket:
    """Price a basket from the price book (dish id to dish), all of whose prices are in ``currency``."""
    lines = tuple(PricedLine(line, book.get(line.dish_id)) for line in basket.lines)
    nothing = Money(0, currency)
    subtotal = sum((line.total for line in lines if line.total), start=nothing)
    fee = next((line.dish.restaurant.delivery for line in lines if line.dish), nothing)
    return PricedBasket(basket, lines, subtotal, fee, delivery_fee(fee, subtotal))


def _checked(quantity: int) -> int:
    if not 1 <= quantity <= MAX_QUANTITY:
        raise QuantityOutOfRange(MAX_QUANTITY)
    return quantity

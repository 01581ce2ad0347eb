"""What a person can do: read, apply the rules, keep. The caller's unit of work is committed by the kit."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from checkout_bff import model
from checkout_bff.basket import Basket, PricedBasket, price
from checkout_bff.errors import UnknownDish
from checkout_bff.order import Order, Wish, place
from portico.bff import Event, UnitOfWork

CURRENCY: Final = "EUR"
"""What an empty basket costs nothing of; the price book holds this currency alone."""


class BasketView(msgspec.Struct, frozen=True):
    """A basket as a person sees it: with today's prices, and the version that tells answers apart."""

    priced: PricedBasket
    version: int


async def view_basket(uow: UnitOfWork, sub: str) -> BasketView:
    """Return the person's basket with today's prices."""
    return await _priced(uow, await model.basket_of(uow, sub))


async def add_to_basket(uow: UnitOfWork, sub: str, *, dish_id: str, quantity: int, fresh: bool) -> BasketView:
    """Add portions of a dish; ``fresh`` empties the basket first. Raises UnknownDish and what ``Basket.add`` raises."""
    dish = await model.dish(uow, dish_id)
    if dish is None:
        raise UnknownDish
    return await _change(uow, sub, lambda basket: (Basket() if fresh else basket).add(dish, quantity))


async def change_quantity(uow: UnitOfWork, sub: str, *, dish_id: str, quantity: int) -> BasketView:
    """Set how many portions of a dish are wanted. Raises NotInBasket and QuantityOutOfRange."""
    return await _change(uow, sub, lambda basket: basket.change(dish_id, quantity))


async def remove_from_basket(uow: UnitOfWork, sub: str, *, dish_id: str) -> BasketView:
    """Take a dish out; it need not be there."""
    return await _change(uow, sub, lambda basket: basket.remove(dish_id))


async def clear_basket(uow: UnitOfWork, sub: str) -> BasketView:
    """Take everything out."""
    return await _change(uow, sub, lambda _: Basket())


async def submit_order(uow: UnitOfWork, sub: str, wish: Wish, *, order_id: str, at: datetime) -> Order:
    """Make an order of the person's basket, which is empty afterwards, and say so to the other services.

    ``order_id`` is a UUIDv7, so that orders are listed in the order of their making. Raises what ``place`` raises; the
    basket is as it was then.
    """
    view = await view_basket(uow, sub)
    order = place(view.priced, wish, order_id=order_id, customer=sub, at=at)
    await model.keep_order(uow, order)
    await model.keep_basket(uow, sub, Basket())
    uow.emit(Event(type="order.submitted", subject=order.id, entity=order))
    return order


async def _change(uow: UnitOfWork, sub: str, change: Callable[[Basket], Basket]) -> BasketView:
    kept = await model.basket_of(uow, sub)
    changed = change(kept.basket)
    if changed != kept.basket:
        kept = await model.keep_basket(uow, sub, changed)
    return await _priced(uow, kept)


async def _priced(uow: UnitOfWork, kept: model.KeptBasket) -> BasketView:
    book = await model.dishes(uow, (line.dish_id for line in kept.basket.lines))
    return BasketView(price(kept.basket, book, CURRENCY), kept.version)

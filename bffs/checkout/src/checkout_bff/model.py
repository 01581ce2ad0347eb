"""How baskets, orders and the price book are kept; the claims filter of the store applies to every call."""

from collections.abc import Iterable

import msgspec

from checkout_bff.basket import Basket, Dish
from checkout_bff.order import Order
from portico.bff import EntityType, Page, Reach, UnitOfWork

BASKET = EntityType("basket", Basket)
ORDER = EntityType("order", Order)
PRICE = EntityType("price", Dish, reach=Reach.EVERYONE)
"""The price book: one row per dish. Everyone reads it; nobody but the system writes it."""


class KeptBasket(msgspec.Struct, frozen=True):
    """A basket and how often it was changed; 0 is a basket that never was."""

    basket: Basket
    version: int


async def basket_of(uow: UnitOfWork, sub: str) -> KeptBasket:
    """Return the person's basket; a person without one has an empty one."""
    stored = await uow.get(BASKET, sub)
    return KeptBasket(stored.entity, stored.version) if stored else KeptBasket(Basket(), 0)


async def keep_basket(uow: UnitOfWork, sub: str, basket: Basket) -> KeptBasket:
    """Put the person's basket in the place of the one that was read in this unit of work."""
    return KeptBasket(basket, await uow.put(BASKET, sub, basket))


async def dish(uow: UnitOfWork, dish_id: str) -> Dish | None:
    """Return a dish of the price book, or None when it is not (any more) in it."""
    stored = await uow.get(PRICE, dish_id)
    return stored.entity if stored else None


async def dishes(uow: UnitOfWork, dish_ids: Iterable[str]) -> dict[str, Dish]:
    """Return the dishes that the price book has, by id, in one read however many there are."""
    found = await uow.get_many(PRICE, list(dish_ids))
    return {dish_id: stored.entity for dish_id, stored in found.items()}


async def keep_order(uow: UnitOfWork, order: Order) -> None:
    """Add a new order; it is owned by the person of the unit of work."""
    await uow.put(ORDER, order.id, order)


async def order(uow: UnitOfWork, order_id: str) -> Order | None:
    """Return an order of this person, or None: there is none, or it is somebody else's."""
    stored = await uow.get(ORDER, order_id)
    return stored.entity if stored else None


async def orders(uow: UnitOfWork, *, first: int, after: str | None) -> Page[Order]:
    """Return a page of this person's orders, newest first (their ids are UUIDv7, so ordered by time).

    Raises ``InvalidQuery`` for a cursor that is not ours or a ``first`` outside 1 to 200.
    """
    return await uow.query(ORDER, limit=first, after=after, descending=True)

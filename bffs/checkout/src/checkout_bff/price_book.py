"""The seed of the price book: the demo catalogue, until the menu's events keep it (a materialized view)."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from importlib import resources

import msgspec

from checkout_bff.basket import Dish, Restaurant
from checkout_bff.commands import CURRENCY
from checkout_bff.model import PRICE
from checkout_bff.money import Money
from portico.bff import BffSettings, ConflictError, EntityStore, Parts


class CatalogueDish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dish in the file; ``price`` in minor units."""

    id: str
    name: str
    price: int


class CatalogueRestaurant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A restaurant in the file; ``delivery`` in minor units."""

    id: str
    name: str
    delivery: int
    dishes: tuple[CatalogueDish, ...]


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file ``catalogue.json``."""

    currency: str
    restaurants: tuple[CatalogueRestaurant, ...]

    def entries(self) -> Iterator[Dish]:
        """The dishes as the price book keeps them."""
        for cook in self.restaurants:
            restaurant = Restaurant(cook.id, cook.name, Money(cook.delivery, self.currency))
            for dish in cook.dishes:
                yield Dish(dish.id, dish.name, restaurant, Money(dish.price, self.currency))


def demo_catalogue() -> Catalogue:
    """Read the catalogue that comes with this package. Raises ValueError when it is in another currency than ours."""
    text = resources.files("checkout_bff").joinpath("catalogue.json").read_bytes()
    catalogue = msgspec.json.decode(text, type=Catalogue)
    if catalogue.currency != CURRENCY:
        raise ValueError(f"the catalogue is in {catalogue.currency}, the price book in {CURRENCY}")
    return catalogue


async def seed(store: EntityStore, catalogue: Catalogue) -> int:
    """Fill an empty price book in one commit; return how many dishes were added.

    Of two processes that start together one fills it, and the other finds it filled.
    """
    async with store.system_unit_of_work("demo-data") as uow:
        if (await uow.query(PRICE, limit=1)).items:
            return 0
        dishes = list(catalogue.entries())
        for dish in dishes:
            await uow.put(PRICE, dish.id, dish)
        await uow.commit()
    return len(dishes)


@contextlib.asynccontextmanager
async def demo_prices(parts: Parts) -> AsyncIterator[None]:
    """Part of the application: seeds the price book where the settings ask for demo data."""
    if parts.get(BffSettings).demo:
        with contextlib.suppress(ConflictError):
            await seed(parts.get(EntityStore), demo_catalogue())
    yield

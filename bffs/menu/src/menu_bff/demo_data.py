"""The demo restaurants: read from `demo/*.toml`, written into an empty store in one commit."""

import contextlib
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator
from importlib import resources
from typing import Final

import msgspec

from menu_bff.model import CUISINE, DISH, RESTAURANT, Cuisine, Delivery, Dish, Listed, Money, Restaurant, Tag, dish_key
from portico.bff import BffSettings, ConflictError, EntityStore, Parts

CURRENCY: Final = "EUR"

# Letters that Unicode does not take apart into a Latin one and an accent.
_LATIN: Final = str.maketrans(
    {"đ": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss", "\u0131": "i", "\u2019": None, "'": None}
)


class DemoDish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A dish in a file; `price` in minor units."""

    name: str
    about: str
    price: int
    tags: tuple[Tag, ...] = ()


class DemoSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a menu in a file."""

    name: str
    dishes: tuple[DemoDish, ...]


class DemoRestaurant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file; `rating` in tenths, `minutes` from and to, `fee` in minor units."""

    id: str
    name: str
    cuisine: str
    area: str
    tagline: str
    rating: int
    minutes: tuple[int, int]
    fee: int
    sections: tuple[DemoSection, ...]
    native_name: str | None = None

    def restaurant(self) -> Restaurant:
        """The restaurant as it is listed."""
        return Restaurant(
            id=self.id,
            name=self.name,
            native_name=self.native_name,
            cuisine=self.cuisine,
            area=self.area,
            tagline=self.tagline,
            rating=self.rating,
            delivery=Delivery(self.minutes, Money(self.fee, CURRENCY)),
        )

    def dishes(self) -> Iterator[Dish]:
        """All dishes in the order of the menu; their ids are the restaurant's with a slug of the name."""
        for section in self.sections:
            for dish in section.dishes:
                yield Dish(
                    id=f"{self.id}.{slug(dish.name)}",
                    name=dish.name,
                    description=dish.about,
                    price=Money(dish.price, CURRENCY),
                    tags=dish.tags,
                    section=section.name,
                    restaurant_id=self.id,
                    restaurant_name=self.name,
                    cuisine=self.cuisine,
                )


def slug(name: str) -> str:
    """Return the Latin letters and digits of a name for an address: `Phở bò tái` gives `pho-bo-tai`."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LATIN)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def demo_restaurants() -> list[DemoRestaurant]:
    """Read the demo data that comes with this package."""
    files = resources.files("menu_bff").joinpath("demo").iterdir()
    return [
        msgspec.toml.decode(file.read_bytes(), type=DemoRestaurant)
        for file in sorted(files, key=lambda file: file.name)
        if file.name.endswith(".toml")
    ]


async def seed(store: EntityStore, restaurants: list[DemoRestaurant]) -> int:
    """Fill an empty store in one commit; return how many restaurants were added."""
    async with store.system_unit_of_work("demo-data") as uow:
        if (await uow.query(RESTAURANT, limit=1)).items:
            return 0
        for demo in restaurants:
            dishes = list(demo.dishes())
            words = " ".join(f"{dish.name} {dish.description} {' '.join(dish.tags)}" for dish in dishes)
            await uow.put(RESTAURANT, demo.id, Listed(demo.restaurant(), demo.cuisine, words))
            for place, dish in enumerate(dishes):
                await uow.put(DISH, demo.id, dish, sk=dish_key(place))
        for cuisine in {demo.cuisine for demo in restaurants}:
            await uow.put(CUISINE, f"cuisine:{cuisine}", Cuisine(cuisine, cuisine.capitalize()))
        await uow.commit()
    return len(restaurants)


@contextlib.asynccontextmanager
async def demo_data(parts: Parts) -> AsyncIterator[None]:
    """Part of the application: seeds the store where the settings ask for demo data.

    Of two processes that start together one fills it, and the other finds it filled.
    """
    if parts.get(BffSettings).demo:
        with contextlib.suppress(ConflictError):
            await seed(parts.get(EntityStore), demo_restaurants())
    yield

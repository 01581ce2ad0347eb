"""What the menu keeps: restaurants, their dishes, and the cuisines to choose from. Everyone may read it all."""

from typing import Annotated, Literal

import msgspec

from portico.bff import EntityType, Reach, SearchText

Tag = Literal["vegetarian", "vegan", "spicy"]


class Money(msgspec.Struct, frozen=True):
    """An amount in the currency's minor unit (ISO 4217): 950 EUR is nine euros fifty."""

    amount: Annotated[int, msgspec.Meta(ge=0)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")]


class Delivery(msgspec.Struct, frozen=True):
    """How long a delivery takes, in minutes from and to, and what it costs."""

    minutes: tuple[int, int]
    fee: Money


class Restaurant(msgspec.Struct, frozen=True, rename="camel"):
    """A restaurant as lists show it. `rating` is in tenths of a star, 0 to 50."""

    id: str
    name: str
    native_name: str | None
    """The name in its own script, where that is another than the Latin one."""
    cuisine: str
    area: str
    tagline: str
    rating: Annotated[int, msgspec.Meta(ge=0, le=50)]
    delivery: Delivery


class Dish(msgspec.Struct, frozen=True, rename="camel"):
    """A dish, with enough of its restaurant to be shown alone."""

    id: str
    name: str
    description: str
    price: Money
    tags: tuple[Tag, ...]
    section: str
    restaurant_id: str
    restaurant_name: str
    cuisine: str


class Cuisine(msgspec.Struct, frozen=True):
    """A kind of cooking that some restaurant offers."""

    id: str
    name: str


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """A restaurant as it is kept: with the words of its dishes, by which it is found as well."""

    restaurant: Restaurant
    cuisine: str
    """The restaurant's own, once more at the top, where the store can filter by it."""
    words: str


def _words_of_dish(dish: Dish) -> SearchText:
    about = (dish.description, dish.section, dish.restaurant_name, dish.cuisine, *dish.tags)
    return SearchText(dish.name, " ".join(about))


def _words_of_restaurant(listed: Listed) -> SearchText:
    it = listed.restaurant
    return SearchText(
        " ".join(filter(None, (it.name, it.native_name))), " ".join((it.cuisine, it.area, it.tagline, listed.words))
    )


RESTAURANT = EntityType("restaurant", Listed, reach=Reach.EVERYONE, search=_words_of_restaurant)
"""Key: the restaurant's id."""

DISH = EntityType("dish", Dish, reach=Reach.EVERYONE, search=_words_of_dish)
"""Key: the restaurant's id, then the dish's place on its menu (`dish_key`)."""

CUISINE = EntityType("cuisine", Cuisine, reach=Reach.EVERYONE)
"""Key: `cuisine:` and the cuisine's id."""

MOST_DISHES = 200
"""How many dishes one restaurant may have: as many as the store answers at once."""


def dish_key(place: int) -> str:
    """The sort key of a restaurant's dish: its place on the menu, from 0, so that dishes come in that order."""
    return f"dish:{place:04}"

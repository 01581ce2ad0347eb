"""The reads behind the API: what the store holds, in the shapes that the API answers."""

import itertools
from collections.abc import Iterable
from typing import Annotated, Generic, TypeVar

import msgspec

from menu_bff.model import CUISINE, DISH, MOST_DISHES, RESTAURANT, Cuisine, Dish, Restaurant
from menu_bff.ratings import rated
from portico.bff import EntityType, Page, UnitOfWork

T = TypeVar("T", bound=msgspec.Struct)

Text = Annotated[str, msgspec.Meta(max_length=200, description="Words that must all be found; blank: no search")]
CuisineId = Annotated[str, msgspec.Meta(min_length=1, max_length=63, description="Only of this cuisine")]
Limit = Annotated[int, msgspec.Meta(ge=1, le=50, description="How many at most")]
Cursor = Annotated[str, msgspec.Meta(max_length=500, description="`nextCursor` of the page before")]


class Results(msgspec.Struct, Generic[T], frozen=True, rename="camel"):
    """Some of many; `nextCursor` asks for those that follow, null says that there are none."""

    items: tuple[T, ...]
    next_cursor: str | None


class Section(msgspec.Struct, frozen=True):
    """A part of a restaurant's menu."""

    name: str
    dishes: tuple[Dish, ...]


class RestaurantMenu(Restaurant, frozen=True, rename="camel"):
    """A restaurant with all its dishes."""

    sections: tuple[Section, ...]


async def restaurants(
    uow: UnitOfWork, *, q: str, cuisine: str | None, cursor: str | None, limit: int
) -> Results[Restaurant]:
    """Restaurants that hold all words of `q`, best first; without words all of them, by id."""
    page = await _page(uow, RESTAURANT, q=q, cuisine=cuisine, cursor=cursor, limit=limit)
    return Results(await rated(uow, *(stored.entity.restaurant for stored in page.items)), page.next_cursor)


async def dishes(uow: UnitOfWork, *, q: str, cuisine: str | None, cursor: str | None, limit: int) -> Results[Dish]:
    """Dishes that hold all words of `q`, best first; without words all of them, as their restaurants list them."""
    page = await _page(uow, DISH, q=q, cuisine=cuisine, cursor=cursor, limit=limit)
    return Results(tuple(stored.entity for stored in page.items), page.next_cursor)


async def restaurant_menu(uow: UnitOfWork, restaurant_id: str) -> RestaurantMenu | None:
    """A restaurant and its dishes in the sections of its menu, in three reads; None when there is no such one."""
    stored = await uow.get(RESTAURANT, restaurant_id)
    if stored is None:
        return None
    found = await uow.query(DISH, pk=restaurant_id, limit=MOST_DISHES)
    [restaurant] = await rated(uow, stored.entity.restaurant)
    known = msgspec.structs.asdict(restaurant)
    return RestaurantMenu(**known, sections=_sections(stored.entity for stored in found.items))


async def cuisines(uow: UnitOfWork) -> Results[Cuisine]:
    """All cuisines by name; the store answers 200 at once, and there are not that many on earth."""
    page = await uow.query(CUISINE, limit=200)
    return Results(tuple(stored.entity for stored in page.items), page.next_cursor)


async def _page(
    uow: UnitOfWork, kind: EntityType[T], *, q: str, cuisine: str | None, cursor: str | None, limit: int
) -> Page[T]:
    where = {} if cuisine is None else {"cuisine": cuisine}
    if q.strip():
        return await uow.search(kind, q, where=where, limit=limit, after=cursor)
    return await uow.query(kind, where=where, limit=limit, after=cursor)


def _sections(found: Iterable[Dish]) -> tuple[Section, ...]:
    """Dishes in the order of the menu, cut where the section changes."""
    groups = itertools.groupby(found, key=lambda dish: dish.section)
    return tuple(Section(name, tuple(dishes)) for name, dishes in groups)

"""The menu's REST API. Everything is a read that any signed-in person may make, and that their browser may keep."""

from typing import Final

from menu_bff import queries
from menu_bff.model import Cuisine, Dish, Restaurant
from menu_bff.queries import CuisineId, Cursor, Limit, RestaurantMenu, Results, Text
from portico.bff import Call, require
from portico.bff.rest import CacheRule, Operation, get
from portico.problem import Problem

FRESH: Final = CacheRule(max_age=30, stale_while_revalidate=300)
"""Menus change by the day; half a minute spares the store while somebody goes back and forth."""


async def list_restaurants(
    call: Call, *, q: Text = "", cuisine: CuisineId | None = None, cursor: Cursor | None = None, limit: Limit = 20
) -> Results[Restaurant]:
    """Find restaurants.

    By words in their names, in what they say of themselves and in their dishes, best first; without words, all.
    """
    async with call.read() as uow:
        return await queries.restaurants(uow, q=q, cuisine=cuisine, cursor=cursor, limit=limit)


async def read_restaurant(call: Call, restaurant_id: str) -> RestaurantMenu:
    """Read a restaurant with all its dishes."""
    async with call.read() as uow:
        found = await queries.restaurant_menu(uow, restaurant_id)
    if found is None:
        raise Problem.not_found("There is no such restaurant.")
    return found


async def list_dishes(
    call: Call, *, q: Text = "", cuisine: CuisineId | None = None, cursor: Cursor | None = None, limit: Limit = 20
) -> Results[Dish]:
    """Find dishes of all restaurants.

    By words in their names and descriptions, and by tags such as `vegan`; best first.
    """
    async with call.read() as uow:
        return await queries.dishes(uow, q=q, cuisine=cuisine, cursor=cursor, limit=limit)


async def list_cuisines(call: Call) -> Results[Cuisine]:
    """List the cuisines that restaurants can be chosen by."""
    async with call.read() as uow:
        return await queries.cuisines(uow)


ROUTES: Final[tuple[Operation, ...]] = (
    get("/restaurants", list_restaurants, access=require(), cache=FRESH, tags=["restaurants"], problems=[400]),
    get(
        "/restaurants/{restaurant_id}",
        read_restaurant,
        access=require(),
        cache=FRESH,
        tags=["restaurants"],
        problems=[404],
    ),
    get("/dishes", list_dishes, access=require(), cache=FRESH, tags=["dishes"], problems=[400]),
    get("/cuisines", list_cuisines, access=require(), cache=FRESH, tags=["restaurants"]),
)

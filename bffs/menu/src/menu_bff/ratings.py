"""What the menu hears of ratings: where each restaurant stands, in place of what it was listed with."""

from typing import Annotated, Final

import msgspec
from msgspec.structs import replace

from menu_bff.model import Restaurant
from portico.bff import EntityType, Listener, Reach, ReceivedEvent, UnitOfWork

listener: Final = Listener()


class Standing(msgspec.Struct, frozen=True, rename="camel"):
    """``average`` of ``count`` ratings, in tenths of a star."""

    restaurant_id: str
    average: Annotated[int, msgspec.Meta(ge=0, le=50)]
    count: Annotated[int, msgspec.Meta(ge=1)]


STANDING: Final = EntityType("standing", Standing, reach=Reach.EVERYONE)
"""Key: the restaurant's id."""


@listener.on("restaurant.rated", id="standing", by=["ratings"], reads=Standing)
async def remember(event: ReceivedEvent, uow: UnitOfWork) -> None:
    """Keep the average of the most ratings: so it does not matter in which order they are heard."""
    heard = event.entity(Standing)
    known = await uow.get(STANDING, heard.restaurant_id)
    if known is None or known.entity.count < heard.count:
        await uow.put(STANDING, heard.restaurant_id, heard)


async def rated(uow: UnitOfWork, *restaurants: Restaurant) -> tuple[Restaurant, ...]:
    """The restaurants with the averages that were heard, in one read for all."""
    found = await uow.get_many(STANDING, [restaurant.id for restaurant in restaurants])
    return tuple(
        replace(restaurant, rating=found[restaurant.id].entity.average) if restaurant.id in found else restaurant
        for restaurant in restaurants
    )

"""Adding a rating to its restaurant's sum: apart from the command, so that two at once do not refuse each other."""

from typing import Final

import msgspec
from msgspec.structs import replace

from portico.bff import EntityStore, Event, Parts, UnitOfWork
from portico.bff.agenda import Agenda
from ratings_bff.model import RATING, SUMMARY, Rating, Summary

COUNT: Final = "count"


class RestaurantRated(msgspec.Struct, frozen=True, rename="camel"):
    """What other services are told: the rating, and where the restaurant stands with it (tenths of a star)."""

    id: str
    restaurant_id: str
    order_id: str
    customer: str
    stars: int
    average: int
    count: int


async def count(parts: Parts, order_id: str) -> None:
    """Add the rating of an order to the sum and tell the other services; one that is counted stays as it is."""
    async with parts.get(EntityStore).system_unit_of_work("counting ratings") as uow:
        stored = await uow.get(RATING, order_id)
        if stored is None or stored.entity.counted:
            return
        await _add(uow, stored.entity)
        await uow.commit()


async def _add(uow: UnitOfWork, rating: Rating) -> None:
    known = await uow.get(SUMMARY, rating.restaurant_id)
    summary = (known.entity if known else Summary(rating.restaurant_id)).plus(rating.stars)
    await uow.put(SUMMARY, rating.restaurant_id, summary)
    await uow.put(RATING, rating.id, replace(rating, counted=True))
    told = RestaurantRated(
        id=rating.id,
        restaurant_id=rating.restaurant_id,
        order_id=rating.id,
        customer=rating.customer,
        stars=rating.stars,
        average=summary.average or 0,
        count=summary.count,
    )
    # In order per restaurant: the last one heard says where it stands.
    uow.emit(Event("restaurant.rated", rating.id, told, partition_key=rating.restaurant_id, person=rating.customer))


def create_agenda() -> Agenda:
    """Make the agenda that counts."""
    agenda = Agenda(slowest=5.0)
    agenda.task(COUNT)(count)
    return agenda

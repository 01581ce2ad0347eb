"""How deliveries are kept: each belongs to the person who ordered."""

from typing import Final

from portico.bff import EntityType, Page, UnitOfWork
from tracking_bff.delivery import Delivery

DELIVERY = EntityType("delivery", Delivery)

ORDER_CHANGED: Final = "tracking.order-changed"
"""What a person is told when an order of theirs went on: ``{id, status}``."""


async def delivery(uow: UnitOfWork, order_id: str) -> Delivery | None:
    """Return the delivery of an order of this person, or None: there is none, or it is somebody else's."""
    stored = await uow.get(DELIVERY, order_id)
    return stored.entity if stored else None


async def deliveries(uow: UnitOfWork, *, first: int, after: str | None) -> Page[Delivery]:
    """Return a page of this person's deliveries, newest order first (order ids are UUIDv7, so ordered by time).

    Raises ``InvalidQuery`` for a cursor that is not ours or a ``first`` outside 1 to 200.
    """
    return await uow.query(DELIVERY, limit=first, after=after, descending=True)

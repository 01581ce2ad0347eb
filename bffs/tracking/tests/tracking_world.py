"""What tracking's tests share: orders as other services tell of them, and a person who asks through GraphQL."""

from typing import Any

import msgspec

from portico.bff import EntityStore, Event
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from tracking_bff.delivery import Money

DELIVERY = "id restaurantName total { minor currency } status reason courierName steps { status at }"
SERVICES = {
    "order.submitted": "checkout",
    "order.confirmed": "fulfilment",
    "order.accepted": "kitchen",
    "order.ready": "kitchen",
    "order.picked-up": "courier",
    "order.delivered": "courier",
    "order.completed": "fulfilment",
}
"""The steps of an order that comes, and who tells of each."""

ENDINGS = {"order.rejected": "kitchen", "order.expired": "fulfilment", "order.cancelled": "fulfilment"}
STARTED = 1_780_000_000_000
"""When the first step happens: 2026-05-28T20:26:40Z, in milliseconds."""


class Order(msgspec.Struct, rename="camel", omit_defaults=True):
    """What an event says of an order; the kitchen's do not say what it costs."""

    id: str
    customer: str
    restaurant_name: str
    total: Money | None = None
    reason: str | None = None
    courier_name: str | None = None
    note: str = "more than tracking wants to know"


def step(
    type_: str, id_: str = "o1", customer: str = "ada", restaurant: str = "Trattoria", reason: str | None = None
) -> Event:
    told_by = SERVICES.get(type_)
    total = Money(2090, "EUR") if told_by in {"checkout", "fulfilment"} else None
    courier = "Karim Benali" if told_by == "courier" else None
    return Event(type_, id_, Order(id_, customer, restaurant, total, reason, courier))


async def happen(hub: InMemoryHub, *types: str, **about: str) -> None:
    """Publish events in this order; each happened a second after the step before it, whatever the order."""
    for type_ in types:
        tellers = SERVICES | ENDINGS
        at = STARTED + 1000 * list(tellers).index(type_) if type_ in tellers else STARTED
        await hub.emit(step(type_, **about), service=tellers.get(type_, "elsewhere"), timestamp=at)
    await hub.settled()


class Person:
    """Somebody with a client."""

    def __init__(self, client: BffClient) -> None:
        self.client = client

    async def delivery(self, id_: str = "o1") -> dict[str, Any] | None:
        document = f"query ($id: ID!) {{ delivery(id: $id) {{ {DELIVERY} }} }}"
        found: dict[str, Any] | None = (await self.client.graphql(document, id=id_)).json()["data"]["delivery"]
        return found

    async def deliveries(self, first: int = 10, after: str | None = None) -> dict[str, Any]:
        document = (
            "query ($first: Int!, $after: String) { deliveries(first: $first, after: $after)"
            f" {{ nodes {{ {DELIVERY} }} pageInfo {{ endCursor hasNextPage }} }} }}"
        )
        answer: dict[str, Any] = (await self.client.graphql(document, first=first, after=after)).json()
        return answer


async def told(client: BffClient, subject: str) -> list[dict[str, Any]]:
    """The messages that wait for a feed, oldest first."""
    store: EntityStore = client.app.state.parts.get(EntityStore)
    rows = await store.database.read("SELECT envelope FROM outbox WHERE target = $1 ORDER BY seq", (subject,))
    return [msgspec.json.decode(str(text)) for (text,) in rows]

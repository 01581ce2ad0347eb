"""What the couriers' tests share: orders as others tell of them, and a courier who works through GraphQL."""

from typing import Any

import msgspec

from portico.bff import EntityStore, Event
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub

JOB = "id version status restaurantName count note to { name street postalCode city } readyAt courierName"
TELLERS = {"order.confirmed": "fulfilment", "order.ready": "kitchen", "order.cancelled": "fulfilment"}
READY_AT = 1_780_000_000_000
"""When an order is ready: 2026-05-28T20:26:40Z, in milliseconds."""


class Portions(msgspec.Struct, frozen=True):
    """A line of an order."""

    name: str
    quantity: int


class Place(msgspec.Struct, frozen=True, rename="camel"):
    """Where an order goes."""

    name: str = "Ada Lovelace"
    street: str = "12 Analytical Row"
    postal_code: str = "1815"
    city: str = "London"


class Task(msgspec.Struct, frozen=True, rename="camel"):
    """An order as the kitchen tells of it."""

    id: str
    customer: str = "ada"
    restaurant_id: str = "trattoria"
    restaurant_name: str = "Trattoria"
    lines: tuple[Portions, ...] = (Portions("Pizza", 2), Portions("Cake", 1))
    note: str = "Ring twice"


class Order(Task, frozen=True, rename="camel"):
    """An order as fulfilment tells of it."""

    address: Place = Place()


def step(type_: str, id_: str = "o1") -> Event:
    return Event(type_, id_, Task(id_) if type_ == "order.ready" else Order(id_))


async def happen(hub: InMemoryHub, *types: str, id_: str = "o1") -> None:
    """Publish events in this order."""
    for type_ in types:
        await hub.emit(step(type_, id_), service=TELLERS[type_], timestamp=READY_AT)
    await hub.settled()


class Courier:
    """Somebody with a client; answers are decoded `data`, refusals the first error's `extensions`."""

    def __init__(self, client: BffClient) -> None:
        self.client = client

    async def jobs(self, which: str = "ready") -> list[dict[str, Any]]:
        """Those that wait (`ready`), `withMe` or were `delivered`."""
        jobs: list[dict[str, Any]] = await self._data(f"{{ {which} {{ {JOB} }} }}", which)
        return jobs

    async def ids(self, which: str = "ready") -> list[str]:
        return [job["id"] for job in await self.jobs(which)]

    async def round(self) -> dict[str, list[str]]:
        """The ids of all of it, by the place that each has."""
        found = await self._data("{ round { ready { id } withMe { id } delivered { id } } }", "round")
        return {place: [job["id"] for job in jobs] for place, jobs in found.items()}

    async def take(self, step: str, id_: str, version: int, key: str | None = None) -> dict[str, Any]:
        """`pickUp` or `deliver`."""
        document = f"mutation ($id: ID!, $version: Int!) {{ {step}(id: $id, version: $version) {{ {JOB} }} }}"
        job: dict[str, Any] = await self._data(document, step, key, id=id_, version=version)
        return job

    async def _data(self, document: str, member: str, key: str | None = None, **variables: Any) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        body = (await self.client.graphql(document, headers, **variables)).json()
        if "errors" in body:
            raise Refused(body["errors"][0]["extensions"])
        return body["data"][member]


class Refused(Exception):
    """The API answered with an error."""

    def __init__(self, extensions: dict[str, Any]) -> None:
        super().__init__(extensions["code"])
        self.code: str = extensions["code"]
        self.extensions = extensions


async def told(client: BffClient, subject: str) -> list[dict[str, Any]]:
    """The messages that wait for a feed, oldest first."""
    store: EntityStore = client.app.state.parts.get(EntityStore)
    rows = await store.database.read("SELECT envelope FROM outbox WHERE target = $1 ORDER BY seq", (subject,))
    return [msgspec.json.decode(str(text)) for (text,) in rows]

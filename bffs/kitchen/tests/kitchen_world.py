"""What the kitchen's tests share: orders as checkout tells of them, and a cook who works through GraphQL."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from portico.bff import EntityStore, Event, new_id
from portico.bff.testing.client import BffClient

TASK = "id version status restaurantId restaurantName customer placedAt count lines { name quantity } note"


class Money(msgspec.Struct, frozen=True):
    """What something costs."""

    minor: int
    currency: str = "EUR"


class Place(msgspec.Struct, frozen=True, rename="camel"):
    """Where an order goes."""

    name: str = "Ada Lovelace"
    street: str = "12 Analytical Row"
    postal_code: str = "1815"
    city: str = "London"


class Portions(msgspec.Struct, frozen=True, rename="camel"):
    """A line of an order, with more than a kitchen wants to know."""

    dish_id: str
    name: str
    quantity: int
    unit_price: Money = Money(950)


class Order(msgspec.Struct, rename="camel"):
    """An order as fulfilment writes it into `order.confirmed`."""

    id: str
    customer: str = "ada"
    placed_at: datetime = datetime(2026, 5, 1, 18, 30, tzinfo=UTC)
    status: str = "confirmed"
    restaurant_id: str = "trattoria"
    restaurant_name: str = "Trattoria"
    lines: tuple[Portions, ...] = (Portions("pizza", "Pizza", 2), Portions("cake", "Cake", 1))
    total: Money = Money(2090)
    address: Place = Place()
    note: str = "Ring twice"


class ExpiredOrder(msgspec.Struct, frozen=True, rename="camel"):
    """An order as fulfilment writes it into `order.expired`."""

    id: str
    customer: str = "ada"
    restaurant_id: str = "trattoria"
    restaurant_name: str = "Trattoria"


def paid(**changes: Any) -> Event:
    order = Order(**{"id": new_id(), **changes})
    return Event("order.confirmed", order.id, order)


def expired(order_id: str) -> Event:
    return Event("order.expired", order_id, ExpiredOrder(order_id))


class Cook:
    """Somebody with a client; answers are decoded `data`, refusals the first error's `extensions`."""

    def __init__(self, client: BffClient) -> None:
        self.client = client

    async def queue(self) -> list[dict[str, Any]]:
        tasks: list[dict[str, Any]] = await self._data(f"{{ queue {{ {TASK} }} }}", "queue")
        return tasks

    async def done(self, first: int = 10) -> list[dict[str, Any]]:
        document = f"query ($first: Int!) {{ done(first: $first) {{ {TASK} }} }}"
        tasks: list[dict[str, Any]] = await self._data(document, "done", first=first)
        return tasks

    async def work(self) -> dict[str, list[str]]:
        """The ids of all of it, by the place that each has."""
        found = await self._data("{ work { queue { id } done { id } } }", "work")
        return {place: [task["id"] for task in tasks] for place, tasks in found.items()}

    async def accept(
        self, id_: str, version: int, key: str | None = None, *, insist_on: int | None = None
    ) -> dict[str, Any]:
        """`insist_on` is the version that the cook decided on after a conflict."""
        return await self._command("accept", id_, version, key, insist_on)

    async def ready(self, id_: str, version: int, key: str | None = None) -> dict[str, Any]:
        return await self._command("ready", id_, version, key)

    async def reject(self, id_: str, version: int, reason: str = "SOLD_OUT") -> dict[str, Any]:
        document = (
            "mutation ($id: ID!, $version: Int!, $reason: RejectReason!)"
            f" {{ reject(id: $id, version: $version, reason: $reason) {{ {TASK} }} }}"
        )
        task: dict[str, Any] = await self._data(document, "reject", id=id_, version=version, reason=reason)
        return task

    async def _command(
        self, name: str, id_: str, version: int, key: str | None, insist_on: int | None = None
    ) -> dict[str, Any]:
        document = f"mutation ($id: ID!, $version: Int!) {{ {name}(id: $id, version: $version) {{ {TASK} }} }}"
        task: dict[str, Any] = await self._data(document, name, key, insist_on, id=id_, version=version)
        return task

    async def _data(
        self, document: str, member: str, key: str | None = None, insist_on: int | None = None, **variables: Any
    ) -> Any:
        headers = {"Idempotency-Key": key} if key else {}
        if insist_on is not None:
            headers["If-Match"] = f'"{insist_on}"'
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


async def told(store: EntityStore, subject: str) -> list[dict[str, Any]]:
    """The messages that wait for a feed."""
    rows = await store.database.read("SELECT envelope FROM outbox WHERE target = $1 ORDER BY seq", (subject,))
    return [msgspec.json.decode(str(text)) for (text,) in rows]


def store_of(client: BffClient) -> EntityStore:
    store: EntityStore = client.app.state.parts.get(EntityStore)
    return store

"""What the tests of ratings share: orders that arrived, and people who rate them."""

from typing import Any

import httpx
import msgspec

from portico.bff import Event, new_id
from portico.bff.testing.client import BffClient


class Order(msgspec.Struct, frozen=True, rename="camel"):
    """An order as fulfilment tells that it is completed, with more than ratings want to know."""

    id: str
    customer: str
    restaurant_id: str
    restaurant_name: str
    status: str = "completed"


def completed(customer: str = "ada", restaurant: str = "trattoria") -> Event:
    order = Order(new_id(), customer, restaurant, restaurant.title())
    return Event("order.completed", order.id, order)


async def rate(person: BffClient, order: str, stars: int, words: str = "", *, key: str | None = None) -> httpx.Response:
    headers = {"Idempotency-Key": key} if key else {}
    return await person.post("/ratings", json={"orderId": order, "stars": stars, "words": words}, headers=headers)


async def standing(person: BffClient, restaurant: str = "trattoria", **query: Any) -> dict[str, Any]:
    answer = await person.get(f"/restaurants/{restaurant}", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition("/")[2]

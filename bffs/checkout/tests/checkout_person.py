"""What a person does at checkout, as GraphQL over HTTP; for the tests of the API."""

from typing import Any

import httpx
import msgspec

from portico.bff import EntityStore
from portico.bff.testing.client import BffClient
from portico.sql import Value

BASKET = """
fragment Parts on Basket {
  version restaurantName count
  lines { dishId name quantity unitPrice { minor } total { minor currency } }
  subtotal { minor } delivery { minor } total { minor currency }
}
"""
ORDER = """
fragment Parts on Order {
  id placedAt status restaurantName count note lines { name quantity unitPrice { minor } total { minor } }
  subtotal { minor } delivery { minor } total { minor currency } address { name street postalCode city }
}
"""
ADD = "mutation ($input: AddToBasketInput!) { addToBasket(input: $input) { ...Parts } }" + BASKET
SUBMIT = "mutation ($input: SubmitOrderInput!) { submitOrder(input: $input) { ...Parts } }" + ORDER
HOME = {"name": "Ada Lovelace", "street": "12 Analytical Row", "postalCode": "1815", "city": "London"}


class Person:
    """Somebody with a client; answers are the decoded `data`, refusals the first error's `extensions` and message."""

    def __init__(self, client: BffClient) -> None:
        self.client = client

    async def basket(self) -> dict[str, Any]:
        return await self._data("basket", "{ basket { ...Parts } }" + BASKET)

    async def add(self, dish: str, quantity: int = 1, *, fresh: bool = False, key: str | None = None) -> dict[str, Any]:
        given = {"dishId": dish, "quantity": quantity, "fresh": fresh}
        return await self._data("addToBasket", ADD, key, input=given)

    async def change(self, dish: str, quantity: int) -> dict[str, Any]:
        document = "mutation ($d: ID!, $q: Int!) { changeQuantity(dishId: $d, quantity: $q) { ...Parts } }" + BASKET
        return await self._data("changeQuantity", document, d=dish, q=quantity)

    async def remove(self, dish: str) -> dict[str, Any]:
        document = "mutation ($d: ID!) { removeFromBasket(dishId: $d) { ...Parts } }" + BASKET
        return await self._data("removeFromBasket", document, d=dish)

    async def clear(self) -> dict[str, Any]:
        return await self._data("clearBasket", "mutation { clearBasket { ...Parts } }" + BASKET)

    async def order(self, id_: str) -> dict[str, Any] | None:
        document = "query ($id: ID!) { order(id: $id) { ...Parts } }" + ORDER
        found: dict[str, Any] | None = data_of(await self.client.graphql(document, id=id_))["order"]
        return found

    async def orders(self, first: int = 10, after: str | None = None) -> dict[str, Any]:
        document = (
            "query ($first: Int!, $after: String) { myOrders(first: $first, after: $after)"
            " { nodes { id } pageInfo { endCursor hasNextPage } } }"
        )
        return await self._data("myOrders", document, first=first, after=after)

    async def submit(self, total: int, *, key: str | None = None, **changes: Any) -> httpx.Response:
        """The raw response, because replays are told by header and compared byte for byte."""
        given = {"address": HOME, "note": "Ring twice", "seenTotal": {"minor": total, "currency": "EUR"}, **changes}
        return await self.client.graphql(SUBMIT, _headers(key), input=given)

    async def ordered(self, total: int, *, key: str | None = None) -> dict[str, Any]:
        answer: dict[str, Any] = data_of(await self.submit(total, key=key))["submitOrder"]
        return answer

    async def _data(self, field: str, document: str, key: str | None = None, **variables: Any) -> dict[str, Any]:
        answer: dict[str, Any] = data_of(await self.client.graphql(document, _headers(key), **variables))[field]
        return answer


class Refused(Exception):
    """The API answered with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(error["message"])
        self.code: str = error["extensions"]["code"]
        self.extensions: dict[str, Any] = error["extensions"]


def data_of(response: httpx.Response) -> dict[str, Any]:
    body = response.json()
    if "errors" in body:
        raise Refused(body["errors"][0])
    data: dict[str, Any] = body["data"]
    return data


def _headers(key: str | None) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}


async def rows(store: EntityStore, sql: str) -> list[tuple[Value, ...]]:
    """What is in the store's tables, whoever owns it."""
    return [tuple(row) for row in await store.database.read(sql)]


async def envelopes(store: EntityStore) -> list[dict[str, Any]]:
    return [msgspec.json.decode(str(text)) for (text,) in await rows(store, "SELECT envelope FROM outbox ORDER BY seq")]


def store_of(client: BffClient) -> EntityStore:
    store: EntityStore = client.app.state.parts.get(EntityStore)
    return store

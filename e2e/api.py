"""Calls to the platform's API with a signed-in person's session, as their pages make them."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import APIResponse, Page

ADDRESS = {"name": "Ada", "street": "12 St James's Square", "postalCode": "SW1Y 4JH", "city": "London"}

ADD = "mutation Add($input: AddToBasketInput!) { addToBasket(input: $input) { count total { minor currency } } }"
SUBMIT = "mutation Submit($input: SubmitOrderInput!) { submitOrder(input: $input) { id total { minor currency } } }"
MY_ORDERS = """
query MyOrders($after: String) {
  myOrders(first: 50, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } }
}
"""
ORDER = "query Order($id: ID!) { order(id: $id) { id } }"


class Api:
    """What a person's browser may call."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def get(self, path: str) -> APIResponse:
        """GET below `/api`."""
        return self._page.request.get(f"/api{path}", headers={"X-Portico": "1"})

    def graphql(self, query: str, variables: object = None, *, key: str | None = None) -> APIResponse:
        """A GraphQL request to checkout's BFF, with an idempotency key for a command."""
        headers = {"X-Portico": "1", "Accept": "application/graphql-response+json"}
        return self._page.request.post(
            "/api/checkout/graphql",
            headers={**headers, "Idempotency-Key": key} if key else headers,
            data={"query": query, "variables": variables or {}},
        )

    def first_dish(self) -> str:
        """The id of some dish of the catalogue."""
        restaurant = self.get("/menu/restaurants?limit=1").json()["items"][0]["id"]
        return str(self.get(f"/menu/restaurants/{restaurant}").json()["sections"][0]["dishes"][0]["id"])

    def fill_basket(self) -> dict[str, object]:
        """Put one dish into an otherwise empty basket; returns what an order of it needs to say."""
        dish = {"dishId": self.first_dish(), "quantity": 1, "fresh": True}
        basket = self.graphql(ADD, {"input": dish}, key=str(uuid4())).json()["data"]["addToBasket"]
        return {"address": ADDRESS, "note": "", "seenTotal": basket["total"]}

    def order_ids(self) -> list[str]:
        """The ids of all my orders, newest first."""
        ids: list[str] = []
        after, is_more = None, True
        while is_more:
            page = self.graphql(MY_ORDERS, {"after": after}).json()["data"]["myOrders"]
            ids += [order["id"] for order in page["nodes"]]
            after, is_more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        return ids

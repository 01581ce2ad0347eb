"""The services of an order in one process on one hub: what each tells, the others understand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from starlette.applications import Starlette

import checkout_bff
import courier_bff
import fulfilment_bff
import kitchen_bff
import payments_bff
import tracking_bff
from portico.bff import new_id
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer

HOME = {"name": "Ada Lovelace", "street": "12 Analytical Row", "postalCode": "1815", "city": "London"}
ADD = """mutation ($dish: ID!, $quantity: Int!) {
  addToBasket(input: { dishId: $dish, quantity: $quantity }) { total { minor currency } }
}"""
SUBMIT = "mutation ($input: SubmitOrderInput!) { submitOrder(input: $input) { id status total { minor } } }"
CHANGE = "mutation ($id: ID!, $version: Int!) { %s(id: $id, version: $version) { version status } }"
REJECT = "mutation ($id: ID!) { reject(id: $id, version: 1, reason: SOLD_OUT) { status } }"
SERVICES = (checkout_bff, kitchen_bff, tracking_bff, courier_bff, fulfilment_bff, payments_bff)


class Services(NamedTuple):
    """Each as a client without a token; the last two are backstage, and payments talk to a sandbox over HTTP."""

    checkout: BffClient
    kitchen: BffClient
    tracking: BffClient
    courier: BffClient
    fulfilment: BffClient
    payments: BffClient


@pytest.fixture
async def services(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
    tmp_path: Path,
) -> AsyncIterator[Services]:
    async with AsyncExitStack() as stack:
        clients = []
        for module in SERVICES:
            app = module.__name__.removesuffix("_bff")
            own = {"PORTICO_APP": app, "DATABASE_URL": f"sqlite:///{tmp_path}/{app}.db", "PORTICO_DEMO": "1"}
            made = module.create_app(bff_settings | own, keys=token_issuer.keys(), hub=bff_hub)
            clients.append(await stack.enter_async_context(bff_client(made)))
        yield Services(*clients)


async def data(client: BffClient, document: str, key: str | None = None, **variables: Any) -> Any:
    headers = {"Idempotency-Key": key} if key else None
    body = (await client.graphql(document, headers, **variables)).json()
    assert "errors" not in body, body
    return body["data"]


class Story:
    """Ada orders, Mario cooks, Karim brings."""

    def __init__(self, services: Services, hub: InMemoryHub) -> None:
        self.hub = hub
        self.ada = services.checkout.signed_in("ada", roles=("customer",))
        self.ada_on_the_way = services.tracking.signed_in("ada", roles=("customer",))
        self.mario = services.kitchen.signed_in("mario", roles=("cook",), tenant="da-mario")
        self.karim = services.courier.signed_in("karim", roles=("courier",), tenant="riders", name="Karim Benali")

    async def order(self, *dishes: str, quantity: int = 2) -> str:
        key = new_id()
        total = None
        for dish in dishes or ("da-mario.margherita",):
            total = (await data(self.ada, ADD, dish=dish, quantity=quantity))["addToBasket"]["total"]
        order = (await data(self.ada, SUBMIT, key, input={"address": HOME, "seenTotal": total}))["submitOrder"]
        assert order["id"] == key
        return key

    async def told(self, type_: str) -> dict[str, Any]:
        """The one event of this type, once everybody who listens has heard it."""
        [event] = await self.hub.published(type_)
        await self.hub.settled()
        found: dict[str, Any] = msgspec.json.decode(event.data)
        return found

    async def seen(self, id_: str) -> tuple[str, str]:
        """The status that ada sees at checkout, and on the way."""
        order = (await data(self.ada, "query ($id: ID!) { order(id: $id) { status } }", id=id_))["order"]
        way = await data(self.ada_on_the_way, "query ($id: ID!) { delivery(id: $id) { status } }", id=id_)
        return order["status"], way["delivery"]["status"]

    async def why(self, id_: str) -> tuple[str, str]:
        """Why it was cancelled, in both places."""
        order = (await data(self.ada, "query ($id: ID!) { order(id: $id) { reason } }", id=id_))["order"]
        way = await data(self.ada_on_the_way, "query ($id: ID!) { delivery(id: $id) { reason } }", id=id_)
        return order["reason"], way["delivery"]["reason"]


@pytest.fixture
def story(services: Services, bff_hub: InMemoryHub) -> Story:
    return Story(services, bff_hub)


async def test_an_order_goes_through_all_of_them(story: Story) -> None:
    key = await story.order()
    order = await story.told("order.confirmed")
    assert await story.seen(key) == ("CONFIRMED", "CONFIRMED")
    assert (await data(story.mario, "{ queue { id status } }"))["queue"] == [{"id": key, "status": "NEW"}]
    assert (await data(story.karim, "{ ready { id } }"))["ready"] == []

    for step, client, version, status in (
        ("accept", story.mario, 1, "ACCEPTED"),
        ("ready", story.mario, 2, "READY"),
        ("pickUp", story.karim, 2, "PICKED_UP"),
    ):
        await data(client, CHANGE % step, id=key, version=version)
        await story.told(f"order.{status.lower().replace('_', '-')}")
        assert await story.seen(key) == (status, status)

    await data(story.karim, CHANGE % "deliver", id=key, version=3)
    done = await story.told("order.completed")
    assert await story.seen(key) == ("COMPLETED", "COMPLETED")
    assert done == {**order, "status": "completed", "reason": None}
    document = "{ deliveries { nodes { total { minor } steps { status } restaurantName courierName } } }"
    [delivery] = (await data(story.ada_on_the_way, document))["deliveries"]["nodes"]
    assert delivery["total"]["minor"] == order["total"]["minor"]
    steps = ["SUBMITTED", "CONFIRMED", "ACCEPTED", "READY", "PICKED_UP", "DELIVERED", "COMPLETED"]
    assert [step["status"] for step in delivery["steps"]] == steps
    assert (delivery["restaurantName"], delivery["courierName"]) == ("Da Mario", "Karim Benali")


async def test_an_order_that_the_restaurant_rejects_is_refunded_and_says_why(story: Story) -> None:
    key = await story.order()
    order = await story.told("order.confirmed")
    await data(story.mario, REJECT, id=key)
    await story.told("order.rejected")
    refunded = await story.told("payment.refunded")
    assert (refunded["orderId"], refunded["amount"]) == (key, order["total"])
    assert (await story.told("order.cancelled"))["reason"] == "rejected"
    assert await story.seen(key) == ("CANCELLED", "CANCELLED")
    assert await story.why(key) == ("REJECTED", "SOLD_OUT")
    assert (await data(story.mario, "{ queue { id } }"))["queue"] == []
    assert (await data(story.karim, "{ ready { id } }"))["ready"] == []


async def test_a_restaurant_never_sees_an_order_that_could_not_be_paid(story: Story) -> None:
    """The sandbox declines what costs more than 500.00."""
    key = await story.order("da-mario.margherita", "da-mario.diavola", "da-mario.bufala-e-pomodorini", quantity=20)
    cancelled = await story.told("order.cancelled")
    assert cancelled["total"]["minor"] > 50_000
    assert await story.seen(key) == ("CANCELLED", "CANCELLED")
    assert await story.why(key) == ("PAYMENT_FAILED", "PAYMENT_FAILED")
    assert (await data(story.mario, "{ queue { id } }"))["queue"] == []

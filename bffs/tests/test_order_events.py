"""Checkout, kitchen and tracking in one process on one hub: what each tells, the others understand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.applications import Starlette

import checkout_bff
import kitchen_bff
import tracking_bff
from portico.bff import new_id
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer

HOME = {"name": "Ada Lovelace", "street": "12 Analytical Row", "postalCode": "1815", "city": "London"}
ADD = "mutation ($dish: ID!) { addToBasket(input: { dishId: $dish, quantity: 2 }) { total { minor currency } } }"
SUBMIT = "mutation ($input: SubmitOrderInput!) { submitOrder(input: $input) { id status total { minor } } }"
CHANGE = "mutation ($id: ID!, $version: Int!) { %s(id: $id, version: $version) { version status } }"


class Services(NamedTuple):
    """The three, each as a client without a token."""

    checkout: BffClient
    kitchen: BffClient
    tracking: BffClient


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
        for module in (checkout_bff, kitchen_bff, tracking_bff):
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


async def test_an_order_goes_through_all_of_them(services: Services, bff_hub: InMemoryHub) -> None:
    ada = [client.signed_in("ada", roles=("customer",)) for client in services]
    mario = services.kitchen.signed_in("mario", roles=("cook",), tenant="da-mario")
    key = new_id()

    async def seen() -> tuple[str, str, str]:
        """The status that ada sees at checkout and on the way, and mario in the kitchen."""
        order = (await data(ada[0], "query ($id: ID!) { order(id: $id) { status } }", id=key))["order"]
        delivery = (await data(ada[2], "query ($id: ID!) { delivery(id: $id) { status } }", id=key))["delivery"]
        found = await data(mario, "{ queue { id status } done { id status } }")
        tasks: list[dict[str, str]] = found["queue"] + found["done"]
        [task] = tasks
        assert task["id"] == key
        return order["status"], delivery["status"], task["status"]

    total = (await data(ada[0], ADD, dish="da-mario.margherita"))["addToBasket"]["total"]
    order = (await data(ada[0], SUBMIT, key, input={"address": HOME, "seenTotal": total}))["submitOrder"]
    assert order["id"] == key
    await bff_hub.published("order.submitted")
    await bff_hub.settled()
    assert await seen() == ("SUBMITTED", "SUBMITTED", "NEW")

    await data(mario, CHANGE % "accept", id=key, version=1)
    await bff_hub.published("order.accepted")
    await bff_hub.settled()
    assert await seen() == ("ACCEPTED", "ACCEPTED", "ACCEPTED")

    await data(mario, CHANGE % "ready", id=key, version=2)
    await bff_hub.published("order.ready")
    await bff_hub.settled()
    assert await seen() == ("READY", "READY", "READY")

    [delivery] = (await data(ada[2], "{ deliveries { nodes { total { minor } steps { status } restaurantName } } }"))[
        "deliveries"
    ]["nodes"]
    assert delivery["total"]["minor"] == order["total"]["minor"]
    assert [step["status"] for step in delivery["steps"]] == ["SUBMITTED", "ACCEPTED", "READY"]
    assert delivery["restaurantName"] == "Da Mario"

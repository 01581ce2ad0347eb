"""How checkout's orders go on: by the events of the services that work on them. And where their ids come from."""

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import msgspec
import pytest
from starlette.applications import Starlette

from bffs.checkout.tests.checkout_person import Person, Refused, store_of
from bffs.checkout.tests.conftest import CATALOGUE
from checkout_bff import create_app
from checkout_bff.order import OrderStatus
from checkout_bff.price_book import seed
from portico.bff import Event, new_id
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.bff.testing.tokens import TokenIssuer

TELLERS = {
    "order.confirmed": "fulfilment",
    "order.accepted": "kitchen",
    "order.ready": "kitchen",
    "order.picked-up": "courier",
    "order.delivered": "courier",
    "order.rejected": "kitchen",
    "order.completed": "fulfilment",
    "order.cancelled": "fulfilment",
}
"""The steps of an order in their order, and who tells of each."""


class Told(msgspec.Struct, omit_defaults=True):
    """What the others tell; checkout goes by the event's subject, type and reason."""

    id: str
    reason: str | None = None


@pytest.fixture
async def anybody(
    bff_settings: dict[str, str],
    token_issuer: TokenIssuer,
    bff_hub: InMemoryHub,
    bff_client: Callable[[Starlette], AbstractAsyncContextManager[BffClient]],
) -> AsyncIterator[BffClient]:
    """As everywhere, but listening to the test's hub."""
    app = create_app({**bff_settings, "PORTICO_APP": "checkout"}, keys=token_issuer.keys(), hub=bff_hub)
    async with bff_client(app) as client:
        await seed(store_of(client), CATALOGUE)
        yield client


async def an_order(client: BffClient, key: str | None = None) -> str:
    person = Person(client)
    await person.add("pizza", 2)
    id_: str = (await person.ordered(2090, key=key))["id"]
    return id_


async def hears(hub: InMemoryHub, order: str, *types: str, reason: str | None = None) -> None:
    for type_ in types:
        await hub.emit(Event(type_, order, Told(order, reason)), service=TELLERS.get(type_, "kitchen"))
    await hub.settled()


async def seen(client: BffClient, order: str) -> tuple[str, str | None]:
    """How far an order is, and why it ended."""
    document = "query ($id: ID!) { order(id: $id) { status reason } }"
    found = (await client.graphql(document, id=order)).json()["data"]["order"]
    return found["status"], found["reason"]


@pytest.mark.parametrize("types", list(itertools.product(list(TELLERS)[:4], repeat=2)), ids=" ".join)
async def test_an_order_goes_as_far_as_was_heard_and_never_back(
    ada: BffClient, bff_hub: InMemoryHub, types: tuple[str, ...]
) -> None:
    order = await an_order(ada)
    await hears(bff_hub, order, *types)
    furthest = max(types, key=list(TELLERS).index)
    assert await seen(ada, order) == (furthest.removeprefix("order.").replace("-", "_").upper(), None)


@pytest.mark.parametrize("types", [TELLERS, list(reversed(TELLERS))], ids=["onwards", "backwards"])
async def test_every_step_is_known_and_a_cancelled_order_says_why(
    ada: BffClient, bff_hub: InMemoryHub, types: list[str]
) -> None:
    order = await an_order(ada)
    await hears(bff_hub, order, *types, reason="payment-failed")
    assert await seen(ada, order) == ("CANCELLED", "PAYMENT_FAILED")


async def test_a_reason_that_is_not_known_yet_cancels_all_the_same(ada: BffClient, bff_hub: InMemoryHub) -> None:
    order = await an_order(ada)
    await hears(bff_hub, order, "order.eaten", "order.cancelled", reason="a-new-one")
    assert await seen(ada, order) == ("CANCELLED", None)


async def test_what_is_heard_of_others_orders_changes_none_of_ours(ada: BffClient, bff_hub: InMemoryHub) -> None:
    order = await an_order(ada)
    await hears(bff_hub, "another", "order.ready")
    await bff_hub.emit(Event("order.ready", order, Told(order)), service="forger")
    await bff_hub.settled()
    assert await seen(ada, order) == ("SUBMITTED", None)


def test_the_steps_are_in_order() -> None:
    for earlier, later in itertools.combinations(OrderStatus, 2):
        assert later.is_after(earlier)
        assert not earlier.is_after(later)
        assert not earlier.is_after(earlier)


async def test_the_page_knows_the_orders_id_before_it_is_sent(ada: BffClient) -> None:
    key = new_id()
    assert await an_order(ada, key) == key


@pytest.mark.parametrize("key", ["attempt-1", "9f1b2c3d-0000-4000-8000-000000000000", None])
async def test_a_key_without_a_time_is_no_id(ada: BffClient, key: str | None) -> None:
    assert await an_order(ada, key) != key


async def test_nobody_gets_at_an_order_by_sending_its_id_as_key(ada: BffClient, bob: BffClient) -> None:
    order = await an_order(ada, new_id())
    with pytest.raises(Refused) as refusal:
        await an_order(bob, order)
    assert refusal.value.code == "conflict"
    assert "current" not in refusal.value.extensions
    found = await Person(ada).order(order)
    assert found is not None

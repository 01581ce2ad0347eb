"""What a person sees of their orders, as events of other services arrive."""

import itertools

import pytest

from bffs.tracking.tests.tracking_world import SERVICES, Person, happen, step, told
from portico.bff import new_id
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.feed import person_subject

NAMES = ["SUBMITTED", "CONFIRMED", "ACCEPTED", "READY", "PICKED_UP", "DELIVERED", "COMPLETED"]
WHOLE = {
    "id": "o1",
    "restaurantName": "Trattoria",
    "total": {"minor": 2090, "currency": "EUR"},
    "status": "COMPLETED",
    "reason": None,
    "courierName": "Karim Benali",
    "steps": [{"status": name, "at": f"2026-05-28T20:26:{40 + n}+00:00"} for n, name in enumerate(NAMES)],
}
REJECTED = ("order.submitted", "order.confirmed", "order.rejected")


async def test_an_order_moves_step_by_step(ada: Person, bff_hub: InMemoryHub) -> None:
    seen = []
    for type_ in SERVICES:
        await happen(bff_hub, type_)
        delivery = await ada.delivery()
        assert delivery is not None
        seen.append(delivery["status"])
    assert seen == NAMES
    assert await ada.delivery() == WHOLE


@pytest.mark.parametrize("first", range(len(SERVICES)))
async def test_any_order_of_events_ends_in_the_same(ada: Person, bff_hub: InMemoryHub, first: int) -> None:
    """Each may come first and each last; every order of them is in test_delivery."""
    types = [*list(SERVICES)[first:], *list(SERVICES)[:first]]
    await happen(bff_hub, *types, *reversed(types))
    assert await ada.delivery() == WHOLE


@pytest.mark.parametrize("types", list(itertools.permutations(REJECTED)), ids=" ".join)
async def test_an_order_that_is_rejected_says_why_in_the_restaurants_words(
    ada: Person, anybody: BffClient, bff_hub: InMemoryHub, types: tuple[str, ...]
) -> None:
    for type_ in types:
        await happen(bff_hub, type_, **({"reason": "sold-out"} if type_ == "order.rejected" else {}))
    delivery = await ada.delivery()
    assert delivery is not None
    assert (delivery["status"], delivery["reason"]) == ("REJECTED", "SOLD_OUT")
    await happen(bff_hub, "order.cancelled", reason="rejected")
    delivery = await ada.delivery()
    assert delivery is not None
    assert (delivery["status"], delivery["reason"]) == ("CANCELLED", "SOLD_OUT")
    [notice] = [one["data"] for one in await told(anybody, person_subject("ada")) if one["type"] == "notice"]
    assert notice["title"] == "Your order was cancelled"
    assert notice["body"] == "At Trattoria something of it is sold out. Your money is on its way back."


@pytest.mark.parametrize(
    ("reason", "seen", "words"),
    [
        ("payment-failed", "PAYMENT_FAILED", "The payment did not go through. Nothing was charged."),
        ("expired", "EXPIRED", "Trattoria did not answer in time. Your money is on its way back."),
        ("rejected", "REJECTED", "Trattoria could not take it. Your money is on its way back."),
        ("a-new-one", None, "Trattoria could not take it. Your money is on its way back."),
    ],
)
async def test_a_cancelled_order_says_why_and_where_the_money_is(
    ada: Person, anybody: BffClient, bff_hub: InMemoryHub, reason: str, seen: str | None, words: str
) -> None:
    await happen(bff_hub, "order.submitted")
    await happen(bff_hub, "order.cancelled", reason=reason)
    delivery = await ada.delivery()
    assert delivery is not None
    assert (delivery["status"], delivery["reason"]) == ("CANCELLED", seen)
    [notice] = [one["data"] for one in await told(anybody, person_subject("ada")) if one["type"] == "notice"]
    assert notice["body"] == words


async def test_what_is_accepted_too_late_stays_expired(ada: Person, bff_hub: InMemoryHub) -> None:
    await happen(bff_hub, "order.submitted", "order.confirmed", "order.expired", "order.accepted")
    delivery = await ada.delivery()
    assert delivery is not None
    assert delivery["status"] == "EXPIRED"


async def test_before_the_orders_own_event_there_is_no_total(ada: Person, bff_hub: InMemoryHub) -> None:
    await happen(bff_hub, "order.accepted")
    delivery = await ada.delivery()
    assert delivery is not None
    assert (delivery["total"], delivery["status"]) == (None, "ACCEPTED")


async def test_steps_that_are_not_known_yet_are_heard_in_silence(
    ada: Person, anybody: BffClient, bff_hub: InMemoryHub
) -> None:
    await happen(bff_hub, "order.submitted", "order.eaten")
    delivery = await ada.delivery()
    assert delivery is not None
    assert delivery["status"] == "SUBMITTED"
    assert len(await told(anybody, person_subject("ada"))) == 1


async def test_an_order_is_its_customers_alone(
    ada: Person, bob: Person, anybody: BffClient, bff_hub: InMemoryHub
) -> None:
    await happen(bff_hub, "order.submitted", "order.accepted")
    assert await ada.delivery() is not None
    assert await bob.delivery() is None
    assert (await bob.deliveries())["data"]["deliveries"]["nodes"] == []
    assert (await anybody.graphql("{ deliveries { nodes { id } } }")).status_code == 401


async def test_the_person_is_told_of_every_change_and_notified_of_what_matters(
    anybody: BffClient, bff_hub: InMemoryHub
) -> None:
    await happen(bff_hub, *SERVICES)
    messages = await told(anybody, person_subject("ada"))
    assert [(one["type"], one["data"]) for one in messages if one["type"] != "notice"] == [
        ("tracking.order-changed", {"id": "o1", "status": status}) for status in NAMES
    ]
    notices = [one["data"] for one in messages if one["type"] == "notice"]
    assert [(notice["title"], notice["href"]) for notice in notices] == [
        ("Your order was accepted", "/track/o1"),
        ("Your order is ready", "/track/o1"),
        ("Your order is on its way", "/track/o1"),
        ("Your order was delivered", "/track/o1"),
    ]
    assert notices[2]["body"] == "Karim Benali is bringing it."
    assert {notice["app"] for notice in notices} == {"tracking"}


async def test_nobody_is_notified_of_what_is_long_past(anybody: BffClient, bff_hub: InMemoryHub) -> None:
    await happen(bff_hub, "order.ready", "order.accepted", "order.submitted", "order.ready")
    messages = await told(anybody, person_subject("ada"))
    assert [one["data"]["title"] for one in messages if one["type"] == "notice"] == ["Your order is ready"]
    assert {one["data"]["status"] for one in messages if one["type"] != "notice"} == {"READY"}


async def test_a_redelivered_event_tells_nothing_again(anybody: BffClient, bff_hub: InMemoryHub) -> None:
    await happen(bff_hub, *SERVICES)
    before = await told(anybody, person_subject("ada"))
    await happen(bff_hub, *SERVICES)
    assert await told(anybody, person_subject("ada")) == before


async def test_deliveries_come_newest_first_in_pages(ada: Person, bff_hub: InMemoryHub) -> None:
    ids = [new_id() for _ in range(5)]
    for id_ in ids:
        await bff_hub.emit(step("order.submitted", id_), service="checkout")
    await bff_hub.settled()
    first = (await ada.deliveries(first=3))["data"]["deliveries"]
    rest = (await ada.deliveries(first=3, after=first["pageInfo"]["endCursor"]))["data"]["deliveries"]
    assert [node["id"] for node in (*first["nodes"], *rest["nodes"])] == list(reversed(ids))
    assert (first["pageInfo"]["hasNextPage"], rest["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.parametrize(("first", "after"), [(0, None), (51, None), (10, "rubbish")])
async def test_a_page_that_cannot_be_is_refused(ada: Person, first: int, after: str | None) -> None:
    [error] = (await ada.deliveries(first, after))["errors"]
    assert error["extensions"]["code"] == "invalid-query"

"""One rating for each completed order of one's own, and a sum that holds whoever rates at once."""

import asyncio

from bffs.ratings.tests.ratings_world import code_of, completed, rate, standing
from portico.bff import new_id
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub


async def arrives(hub: InMemoryHub, customer: str = "ada", restaurant: str = "trattoria") -> str:
    event = completed(customer, restaurant)
    await hub.emit(event, service="fulfilment")
    await hub.settled()
    return event.subject


async def test_a_rating_is_read_by_everyone_and_told_to_the_other_services(
    ada: BffClient, alan: BffClient, bff_hub: InMemoryHub
) -> None:
    order = await arrives(bff_hub)
    assert (await rate(ada, order, 4, "Good,  and warm. ")).status_code == 201
    [event] = await bff_hub.published("restaurant.rated")
    assert event.source == "/local/ratings"
    assert (event.subject, event.partition_key) == (order, "trattoria")
    said = b'{"id":"%b","restaurantId":"trattoria","orderId":"%b","customer":"ada","stars":4,"average":40,"count":1}'
    assert bytes(event.data) == said % (order.encode(), order.encode())
    seen = await standing(alan)
    assert (seen["average"], seen["count"]) == (40, 1)
    [review] = seen["items"]
    assert (review["author"], review["stars"], review["words"]) == ("Ada", 4, "Good, and warm.")
    assert "customer" not in review


async def test_an_order_is_rated_once(ada: BffClient, bff_hub: InMemoryHub) -> None:
    order, key = await arrives(bff_hub), new_id()
    first = await rate(ada, order, 5, key=key)
    assert (await rate(ada, order, 5, key=key)).content == first.content
    assert code_of(await rate(ada, order, 1)) == (409, "already-rated")
    assert len(await bff_hub.published("restaurant.rated")) == 1
    assert (await standing(ada))["count"] == 1


async def test_two_attempts_at_once_are_one_rating(ada: BffClient, bff_hub: InMemoryHub) -> None:
    order = await arrives(bff_hub)
    answers = await asyncio.gather(*(rate(ada, order, stars) for stars in (1, 5)))
    taken, refused = sorted(answer.status_code for answer in answers)
    assert taken == 201
    assert refused in {409, 412}
    await bff_hub.published("restaurant.rated")
    assert len((await standing(ada))["items"]) == 1


async def test_nobody_rates_what_is_not_theirs_or_has_not_arrived(
    anybody: BffClient, ada: BffClient, alan: BffClient, bff_hub: InMemoryHub
) -> None:
    order = await arrives(bff_hub)
    assert code_of(await rate(alan, order, 1)) == (409, "not-completed")
    assert code_of(await rate(ada, "no-such-order", 5)) == (409, "not-completed")
    cook = anybody.signed_in("mario", roles=("cook",), tenant="trattoria")
    assert (await rate(cook, order, 5)).status_code == 403
    assert (await rate(anybody, order, 5)).status_code == 401
    assert (await rate(ada, order, 6)).status_code == 422
    assert (await rate(ada, order, 5, "x" * 501)).status_code == 422
    assert (await standing(ada))["count"] == 0


async def test_only_fulfilment_says_that_an_order_is_completed(ada: BffClient, bff_hub: InMemoryHub) -> None:
    event = completed()
    await bff_hub.emit(event, service="kitchen")
    await bff_hub.settled()
    assert code_of(await rate(ada, event.subject, 5)) == (409, "not-completed")


async def test_whether_an_order_may_be_rated(ada: BffClient, alan: BffClient, bff_hub: InMemoryHub) -> None:
    order = await arrives(bff_hub)
    path = f"/orders/{order}"
    before = {"orderId": order, "mayRate": True, "restaurantName": "Trattoria", "rating": None}
    assert (await ada.get(path)).json() == before
    assert (await alan.get(path)).json()["mayRate"] is False
    await rate(ada, order, 3)
    after = (await ada.get(path)).json()
    assert (after["mayRate"], after["rating"]["stars"]) == (False, 3)
    assert (await alan.get(path)).json()["rating"] is None


async def test_many_who_rate_at_once_are_all_counted(anybody: BffClient, bff_hub: InMemoryHub) -> None:
    people = [anybody.signed_in(f"p{number}", roles=("customer",), name=f"P{number} X") for number in range(12)]
    orders = [await arrives(bff_hub, f"p{number}") for number in range(12)]
    answers = await asyncio.gather(
        *(rate(one, order, 1 + place % 5) for place, (one, order) in enumerate(zip(people, orders, strict=True)))
    )
    assert [answer.status_code for answer in answers] == [201] * 12
    told = await bff_hub.published("restaurant.rated", count=12)
    assert len({event.subject for event in told}) == 12
    total = sum(1 + place % 5 for place in range(12))
    seen = await standing(people[0], limit=50)
    assert (seen["count"], seen["average"]) == (12, round(total * 10 / 12))
    assert [review["id"] for review in seen["items"]] == sorted(orders, reverse=True)


async def test_reviews_come_in_pages_of_one_restaurant(ada: BffClient, bff_hub: InMemoryHub) -> None:
    orders = [await arrives(bff_hub, restaurant=restaurant) for restaurant in ("trattoria", "izakaya", "trattoria")]
    for order in orders:
        await rate(ada, order, 5)
    await bff_hub.published("restaurant.rated", count=3)
    first = await standing(ada, limit=1)
    assert [review["id"] for review in first["items"]] == [orders[2]]
    second = await standing(ada, limit=1, cursor=first["nextCursor"])
    assert [review["id"] for review in second["items"]] == [orders[0]]
    assert second["nextCursor"] is None

"""What insights make of events, in whatever order they come, and who sees what of it."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bffs.insights.tests.insights_world import MINUTE, NOON, NOON_MS, TELLERS, fact, payment, rated, report
from bffs.kit.tests.store_world import TestClock
from insights_bff.demo_data import DAYS, RESTAURANTS, seed
from insights_bff.facts import listener
from insights_bff.model import DAY, EVERYWHERE
from insights_bff.report import report as read_report
from insights_bff.sums import Sums, total
from portico.bff import EntityStore, Event
from portico.bff.testing.client import BffClient
from portico.bff.testing.events import received
from portico.bff.testing.hub import InMemoryHub

STORY = ("order.submitted", "order.accepted", "order.ready", "order.delivered", "order.completed")
AFTER = {type_: minutes for minutes, type_ in zip((0, 4, 20, 35, 36), STORY, strict=True)}


async def tell(hub: InMemoryHub, *events: Event, after: int = 0) -> None:
    """Each by whose affair it is, `after` minutes past noon."""
    for event in events:
        service = TELLERS.get(event.type, "ratings")
        await hub.emit(event, service=service, timestamp=NOON_MS + after * MINUTE)
    await hub.settled()


async def sums(store: EntityStore, pk: str) -> Sums:
    async with store.system_unit_of_work("test") as uow:
        return total(stored.entity for stored in (await uow.query(DAY, pk=pk)).items)


async def test_five_events_in_any_order_and_three_times_each_come_to_the_same(store_url: str) -> None:
    store = await EntityStore.open(store_url, service="insights", clock=TestClock(NOON_MS))
    every = list(itertools.permutations(STORY))
    for number, order in enumerate(every):
        events = [received(fact(type_, f"o-{number}"), service=TELLERS[type_],
                           timestamp=NOON_MS + AFTER[type_] * MINUTE) for type_ in order]  # fmt: skip
        for event in (*events, *events[:3]):
            await listener.handle(store, event)
    accept, ready, deliver = ((120, 120 * minutes * MINUTE) for minutes in (4, 20, 35))
    expected = Sums(120, 120, {"EUR": 240_000}, {}, accept, ready, deliver)
    assert await sums(store, "trattoria") == expected
    assert await sums(store, EVERYWHERE) == expected
    await store.close()


def numbers(**changes: Any) -> dict[str, Any]:
    nothing = {"orders": 0, "completed": 0, "revenue": [], "cancelled": {}, "minutesToAccept": None,
               "minutesToReady": None, "minutesToDeliver": None, "stars": None, "ratings": 0,
               "paid": [], "refunded": [], "failedPayments": 0}  # fmt: skip
    return nothing | changes


async def test_a_report_has_every_day_and_what_its_orders_and_stars_come_to(
    mario: BffClient, bff_hub: InMemoryHub
) -> None:
    for type_ in STORY:
        await tell(bff_hub, fact(type_), after=AFTER[type_])
    await tell(bff_hub, fact("order.submitted", "o-2"), fact("order.cancelled", "o-2", reason="rejected"))
    await tell(bff_hub, rated(5), rated(4, id_="r-2"))
    found = await report(mario, days=5)
    times = {"minutesToAccept": 4.0, "minutesToReady": 20.0, "minutesToDeliver": 35.0}
    money = [{"minor": 2000, "currency": "EUR"}]
    expected = numbers(orders=2, completed=1, revenue=money, cancelled={"rejected": 1}, **times, stars=4.5, ratings=2)
    assert found["total"] == expected
    days = {day["day"]: day["numbers"] for day in found["days"]}
    assert list(days) == sorted(days)
    assert len(days) == 5
    assert days.pop(NOON.date().isoformat()) == expected
    assert list(days.values()) == [numbers()] * 4


async def test_payments_that_came_failed_and_went_back_count_whichever_is_heard_first(store_url: str) -> None:
    store = await EntityStore.open(store_url, service="insights", clock=TestClock(NOON_MS))
    story = [("order.submitted", 0), ("payment.succeeded", 1), ("order.cancelled", 2), ("payment.refunded", 3)]
    every = list(itertools.permutations(story))
    for number, order in enumerate(every):
        events = []
        for type_, minutes in order:
            told = payment if type_.startswith("payment.") else fact
            events.append(
                received(told(type_, f"o-{number}"), service=TELLERS[type_], timestamp=NOON_MS + minutes * MINUTE)
            )
        for event in (*events, *events[:2]):
            await listener.handle(store, event)
    money = {"EUR": 24 * 2000}
    expected = Sums(24, 0, cancelled={"unknown": 24}, paid=money, refunded=money)
    assert await sums(store, "trattoria") == expected
    assert await sums(store, EVERYWHERE) == expected
    await store.close()


async def test_the_report_shows_what_failed_and_what_went_back(mario: BffClient, bff_hub: InMemoryHub) -> None:
    await tell(bff_hub, fact("order.submitted"), payment("payment.succeeded"), payment("payment.refunded", minor=1500))
    await tell(bff_hub, payment("payment.failed", "o-2"), fact("order.submitted", "o-2"))
    await bff_hub.emit(payment("payment.refunded", "o-2"), service="kitchen")
    await bff_hub.settled()
    found = (await report(mario))["total"]
    assert found == numbers(
        orders=2, paid=[{"minor": 2000, "currency": "EUR"}], refunded=[{"minor": 1500, "currency": "EUR"}],
        failedPayments=1,
    )  # fmt: skip


async def test_a_cook_sees_their_own_restaurant_and_an_operator_all(
    anybody: BffClient, mario: BffClient, grace: BffClient, bff_hub: InMemoryHub
) -> None:
    await tell(bff_hub, fact("order.submitted"), fact("order.submitted", "o-2", restaurant="izakaya"))
    await tell(bff_hub, rated(2, restaurant="izakaya"))
    assert (await report(mario))["total"] == numbers(orders=1)
    assert (await report(grace))["total"] == numbers(orders=2, stars=2.0, ratings=1)
    assert (await report(grace, restaurant="izakaya"))["total"] == numbers(orders=1, stars=2.0, ratings=1)
    for other in ("izakaya", EVERYWHERE):
        assert (await mario.get("/report", params={"restaurant": other})).status_code == 404
    here, there = {"id": "trattoria", "name": "Trattoria"}, {"id": "izakaya", "name": "Izakaya"}
    assert (await mario.get("/restaurants")).json() == {"items": [here], "all": False}
    assert (await grace.get("/restaurants")).json() == {"items": [there, here], "all": True}
    people = {"ada": {"roles": ("customer",)}, "leo": {"roles": ("cook",)}, "eve": {"roles": ("cook",), "tenant": "*"}}
    for sub, claims in people.items():
        nobody = anybody.signed_in(sub, **claims)  # type: ignore[arg-type]
        assert (await nobody.get("/report")).status_code == 403
        assert (await nobody.get("/restaurants")).status_code == 403
    assert (await anybody.get("/report")).status_code == 401


async def test_a_cook_of_a_restaurant_that_nobody_heard_of_sees_an_empty_report(anybody: BffClient) -> None:
    new = anybody.signed_in("nina", roles=("cook",), tenant="brand-new")
    assert (await report(new))["total"] == numbers()


@pytest.mark.parametrize(("days", "status"), [(0, 422), (1, 200), (92, 200), (93, 422)])
async def test_how_far_a_report_reaches(mario: BffClient, days: int, status: int) -> None:
    assert (await mario.get("/report", params={"days": days})).status_code == status


async def test_what_is_older_than_the_report_is_not_in_it(store_url: str) -> None:
    store = await EntityStore.open(store_url, service="insights", clock=TestClock(NOON_MS))
    for number in range(40):
        placed = NOON - timedelta(days=number)
        event = fact("order.submitted", f"o-{number}", placed_at=placed)
        await listener.handle(store, received(event, service="checkout", timestamp=int(placed.timestamp() * 1000)))
    async with store.system_unit_of_work("test") as uow:
        found = await read_report(uow, "trattoria", last=NOON.date(), days=30)
    assert [day.numbers.orders for day in found.days] == [1] * 30
    assert found.total.orders == 30
    await store.close()


async def test_a_service_is_believed_of_its_own_affairs_alone(mario: BffClient, bff_hub: InMemoryHub) -> None:
    await bff_hub.emit(fact("order.submitted"), service="kitchen")
    await bff_hub.emit(fact("order.completed"), service="courier")
    await bff_hub.emit(rated(1), service="menu")
    await bff_hub.settled()
    assert (await report(mario))["total"] == numbers()


async def test_many_orders_at_once_are_all_counted(mario: BffClient, bff_hub: InMemoryHub) -> None:
    """The partitions of the hub are read side by side; each has its own share of a day."""
    events = [fact(type_, f"o-{number}") for number in range(40) for type_ in ("order.submitted", "order.completed")]
    await tell(bff_hub, *events)
    found = (await report(mario))["total"]
    assert (found["orders"], found["completed"]) == (40, 40)


async def test_the_demo_data_is_there_once_and_for_every_demo_kitchen(store_url: str) -> None:
    store = await EntityStore.open(store_url, service="insights")
    assert await seed(store) == DAYS
    assert await seed(store) == 0
    async with store.system_unit_of_work("test") as uow:
        last = datetime.fromtimestamp(store.now() / 1000, UTC).date()
        every = await read_report(uow, EVERYWHERE, last=last, days=DAYS + 2)
        parts = [await read_report(uow, place.id, last=last, days=DAYS + 2) for place in RESTAURANTS]
    assert every.total.orders == sum(part.total.orders for part in parts)
    assert all(part.total.orders > 100 and part.total.cancelled and part.total.ratings for part in parts)
    people = json.loads((Path(__file__).parents[3] / "microapps" / "people.json").read_text())
    assert {one["tenant"] for one in people if "cook" in one["roles"]} == {place.id for place in RESTAURANTS}
    await store.close()

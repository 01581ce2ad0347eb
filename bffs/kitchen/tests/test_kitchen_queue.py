"""What a kitchen hears, and what its cooks see of it."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bffs.kitchen.tests.kitchen_world import Cook, Refused, expired, paid, store_of, told
from portico.bff import Event, UnitOfWork
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.feed import tenant_subject

LATER = 1_900_000_000_000
"""In milliseconds since 1970."""

MORNING = datetime(2026, 5, 1, 9, tzinfo=UTC)


async def arrives(hub: InMemoryHub, event: Event) -> str:
    await hub.emit(event, service="fulfilment")
    await hub.settled()
    return event.subject


async def test_an_order_appears_in_its_restaurants_queue(mario: Cook, bff_hub: InMemoryHub) -> None:
    order = await arrives(bff_hub, paid())
    assert await mario.queue() == [
        {
            "id": order,
            "version": 1,
            "status": "NEW",
            "restaurantId": "trattoria",
            "restaurantName": "Trattoria",
            "customer": "Ada Lovelace",
            "placedAt": "2026-05-01T18:30:00+00:00",
            "count": 3,
            "lines": [{"name": "Pizza", "quantity": 2}, {"name": "Cake", "quantity": 1}],
            "note": "Ring twice",
        }
    ]


async def test_other_restaurants_do_not_see_it(hana: Cook, mario: Cook, bff_hub: InMemoryHub) -> None:
    order = await arrives(bff_hub, paid())
    assert await hana.queue() == []
    with pytest.raises(Refused) as refusal:
        await hana.accept(order, 1)
    assert refusal.value.code == "unknown-task"
    assert (await mario.queue())[0]["status"] == "NEW"


async def test_the_kitchen_is_for_cooks(anybody: BffClient, bff_hub: InMemoryHub) -> None:
    await arrives(bff_hub, paid())
    waiter = Cook(anybody.signed_in("carla", roles=("waiter",), tenant="trattoria"))
    for ask in (waiter.queue, waiter.done):
        with pytest.raises(Refused) as refusal:
            await ask()
        assert (refusal.value.code, refusal.value.extensions["status"]) == ("role-required", 403)
    assert (await anybody.graphql("{ queue { id } }")).status_code == 401


async def test_a_cook_without_a_restaurant_has_no_queue(anybody: BffClient, bff_hub: InMemoryHub) -> None:
    order = await arrives(bff_hub, paid())
    nobody = Cook(anybody.signed_in("nomad", roles=("cook",)))
    assert await nobody.queue() == []
    with pytest.raises(Refused):
        await nobody.accept(order, 1)


async def test_the_queue_is_oldest_first_and_without_what_is_ready(mario: Cook, bff_hub: InMemoryHub) -> None:
    orders = [await arrives(bff_hub, paid(placed_at=MORNING + timedelta(minutes=minute))) for minute in (30, 10, 20)]
    await mario.accept(orders[0], 1)
    await mario.ready(orders[0], 2)
    await mario.accept(orders[2], 1)
    assert [(task["id"], task["status"]) for task in await mario.queue()] == [
        (orders[1], "NEW"),
        (orders[2], "ACCEPTED"),
    ]
    assert [task["id"] for task in await mario.done()] == [orders[0]]


async def test_what_was_done_comes_newest_first_and_in_bounds(mario: Cook, bff_hub: InMemoryHub) -> None:
    orders = [await arrives(bff_hub, paid()) for _ in range(3)]
    for order in orders:
        await mario.accept(order, 1)
        await mario.ready(order, 2)
    assert [task["id"] for task in await mario.done(first=2)] == [orders[2], orders[1]]
    for first in (0, 51):
        with pytest.raises(Refused) as refusal:
            await mario.done(first)
        assert refusal.value.code == "invalid-query"


@pytest.mark.parametrize("moves", [("accepted",), ("ready",), ("accepted", "ready")], ids=" ".join)
async def test_what_moves_on_while_it_is_read_is_in_one_place(
    mario: Cook, bff_hub: InMemoryHub, monkeypatch: pytest.MonkeyPatch, moves: tuple[str, ...]
) -> None:
    order = await arrives(bff_hub, paid())
    if "accepted" not in moves:
        await mario.accept(order, 1)
    steps = {"accepted": partial(mario.accept, order, 1), "ready": partial(mario.ready, order, 2)}
    query = UnitOfWork.query

    async def move_and_query(uow: UnitOfWork, *arguments: Any, where: dict[str, str], **named: Any) -> Any:
        if where["status"] in moves:
            await steps[where["status"]]()
        return await query(uow, *arguments, where=where, **named)

    monkeypatch.setattr(UnitOfWork, "query", move_and_query)
    place = "done" if "ready" in moves else "queue"
    assert await mario.work() == {"queue": [], "done": [], place: [order]}


async def test_only_fulfilment_brings_orders(mario: Cook, bff_hub: InMemoryHub) -> None:
    await bff_hub.emit(paid(), service="forger")
    order = await arrives(bff_hub, paid())
    assert [task["id"] for task in await mario.queue()] == [order]


@pytest.mark.parametrize("accepted", [False, True])
async def test_what_expired_leaves_the_queue_also_when_it_was_accepted_too_late(
    anybody: BffClient, mario: Cook, bff_hub: InMemoryHub, accepted: bool
) -> None:
    order = await arrives(bff_hub, paid())
    if accepted:
        await mario.accept(order, 1)
    await arrives(bff_hub, expired(order))
    assert await mario.queue() == []
    messages = await told(store_of(anybody), tenant_subject("trattoria"))
    assert messages[-1]["data"] == {"id": order, "status": "EXPIRED"}


async def test_an_expiry_that_is_heard_first_keeps_the_order_out(mario: Cook, bff_hub: InMemoryHub) -> None:
    event = paid()
    await bff_hub.emit(expired(event.subject), service="fulfilment", timestamp=LATER)
    await bff_hub.emit(event, service="fulfilment", timestamp=LATER - 1)
    await bff_hub.settled()
    assert await mario.queue() == []


async def test_an_event_that_comes_again_changes_nothing(mario: Cook, bff_hub: InMemoryHub) -> None:
    event = paid()
    order = await arrives(bff_hub, event)
    await mario.accept(order, 1)
    await arrives(bff_hub, event)  # another event about the same order, as a rebuild would bring
    [task] = await mario.queue()
    assert (task["status"], task["version"]) == ("ACCEPTED", 2)


async def test_the_restaurants_cooks_are_told_when_an_order_comes(
    anybody: BffClient, mario: Cook, bff_hub: InMemoryHub
) -> None:
    order = await arrives(bff_hub, paid())
    await mario.accept(order, 1)
    messages = await told(store_of(anybody), tenant_subject("trattoria"))
    assert [(one["type"], one["data"]) for one in messages] == [
        ("kitchen.queue-changed", {"id": order, "status": "NEW"}),
        ("kitchen.queue-changed", {"id": order, "status": "ACCEPTED"}),
    ]
    assert await told(store_of(anybody), tenant_subject("izakaya")) == []

"""What couriers see of orders, in whatever order they hear of them, and what they do: once each, and each their own."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest

from bffs.courier.tests.courier_world import Courier, Refused, happen, step, told
from courier_bff import model
from courier_bff.app import fleet_of
from portico.bff import SettingsError
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub
from portico.feed import tenant_subject

BEFORE = ("order.confirmed", "order.ready")
JOB = {
    "id": "o1",
    "version": 2,
    "status": "READY",
    "restaurantName": "Trattoria",
    "count": 3,
    "note": "Ring twice",
    "to": {"name": "Ada Lovelace", "street": "12 Analytical Row", "postalCode": "1815", "city": "London"},
    "readyAt": "2026-05-28T20:26:40+00:00",
    "courierName": None,
}


@pytest.fixture
async def job(anybody: BffClient, bff_hub: InMemoryHub) -> str:
    """The id of an order that waits at the restaurant."""
    await happen(bff_hub, *BEFORE)
    return "o1"


@pytest.mark.parametrize("types", list(itertools.permutations(BEFORE)), ids=" ".join)
async def test_an_order_is_offered_once_it_is_ready_and_known_where_it_goes(
    karim: Courier, bff_hub: InMemoryHub, types: tuple[str, ...]
) -> None:
    for type_ in types:
        assert await karim.jobs() == []
        await happen(bff_hub, type_)
    assert await karim.jobs() == [JOB]
    await happen(bff_hub, *types)
    assert await karim.jobs() == [JOB]


@pytest.mark.parametrize("types", list(itertools.permutations((*BEFORE, "order.cancelled"))), ids=" ".join)
async def test_what_was_cancelled_is_not_offered(karim: Courier, bff_hub: InMemoryHub, types: tuple[str, ...]) -> None:
    await happen(bff_hub, *types)
    assert await karim.jobs() == []


async def test_what_is_cancelled_on_the_way_leaves_the_courier(karim: Courier, job: str, bff_hub: InMemoryHub) -> None:
    await karim.take("pickUp", job, 2)
    await happen(bff_hub, "order.cancelled")
    assert await karim.jobs("withMe") == []


async def test_a_courier_brings_an_order_and_the_other_services_are_told(
    karim: Courier, lena: Courier, job: str, bff_hub: InMemoryHub
) -> None:
    taken = await karim.take("pickUp", job, 2)
    assert (taken["status"], taken["courierName"]) == ("PICKED_UP", "Karim Benali")
    assert [await karim.ids(), await karim.ids("withMe"), await lena.ids("withMe")] == [[], [job], []]
    brought = await karim.take("deliver", job, taken["version"])
    assert brought["status"] == "DELIVERED"
    assert [await karim.ids("withMe"), await karim.ids("delivered"), await lena.ids("delivered")] == [[], [job], []]
    for type_ in ("order.picked-up", "order.delivered"):
        [event] = await bff_hub.published(type_)
        assert (event.subject, event.partition_key, event.source, event.actor) == (job, job, "/local/courier", "karim")
        assert msgspec.json.decode(event.data) == {
            "id": job,
            "customer": "ada",
            "restaurantId": "trattoria",
            "restaurantName": "Trattoria",
            "courier": "karim",
            "courierName": "Karim Benali",
        }


async def test_of_two_couriers_at_once_one_has_it(
    karim: Courier, lena: Courier, job: str, bff_hub: InMemoryHub
) -> None:
    tries = (courier.take("pickUp", job, 2) for courier in (karim, lena))
    answers = await asyncio.gather(*tries, return_exceptions=True)
    [refused] = [answer for answer in answers if isinstance(answer, Refused)]
    assert refused.code == "conflict"
    assert set(refused.extensions["current"]["entity"]) >= {"status", "courierName"}
    assert not set(refused.extensions["current"]["entity"]) & {"customer", "courier"}
    assert len(await bff_hub.published("order.picked-up")) == 1


async def test_nobody_delivers_what_another_has_nor_twice(karim: Courier, lena: Courier, job: str) -> None:
    with pytest.raises(Refused, match="job-not-picked-up"):
        await karim.take("deliver", job, 2)
    await karim.take("pickUp", job, 2)
    with pytest.raises(Refused, match="job-not-yours"):
        await lena.take("deliver", job, 3)
    with pytest.raises(Refused, match="job-not-ready"):
        await lena.take("pickUp", job, 3)
    await karim.take("deliver", job, 3)
    with pytest.raises(Refused, match="job-not-picked-up"):
        await karim.take("deliver", job, 4)


async def test_a_repeated_command_is_answered_alike_and_tells_once(
    karim: Courier, job: str, bff_hub: InMemoryHub
) -> None:
    first = await karim.take("pickUp", job, 2, key="k1")
    await karim.take("deliver", job, 3)
    assert await karim.take("pickUp", job, 2, key="k1") == first
    assert len(await bff_hub.published("order.picked-up")) == 1


async def test_orders_are_for_the_couriers_of_the_fleet(anybody: BffClient, job: str) -> None:
    cook = Courier(anybody.signed_in("mario", roles=("cook",), tenant="riders"))
    with pytest.raises(Refused, match="role-required"):
        await cook.jobs()
    elsewhere = Courier(anybody.signed_in("paul", roles=("courier",), tenant="other-riders"))
    assert await elsewhere.jobs() == []
    with pytest.raises(Refused, match="unknown-job"):
        await elsewhere.take("pickUp", job, 2)
    assert (await anybody.graphql("{ ready { id } }")).status_code == 401


async def test_what_waits_longest_comes_first(karim: Courier, bff_hub: InMemoryHub) -> None:
    for id_, at in (("b", 3_000), ("a", 1_000), ("c", 2_000)):
        await bff_hub.emit(step("order.confirmed", id_), service="fulfilment")
        await bff_hub.emit(step("order.ready", id_), service="kitchen", timestamp=at)
    await bff_hub.settled()
    assert await karim.ids() == ["a", "c", "b"]


async def test_only_those_whose_affair_it_is_bring_orders(karim: Courier, bff_hub: InMemoryHub) -> None:
    for type_ in BEFORE:
        await bff_hub.emit(step(type_), service="forger")
    await bff_hub.settled()
    assert await karim.jobs() == []


async def test_the_fleets_pages_are_told(anybody: BffClient, karim: Courier, job: str) -> None:
    await karim.take("pickUp", job, 2)
    messages = await told(anybody, tenant_subject("riders"))
    assert [(one["type"], one["data"]) for one in messages] == [
        ("courier.jobs-changed", {"id": job, "status": status}) for status in ("EXPECTED", "READY", "PICKED_UP")
    ]


@pytest.mark.parametrize("moves", [("pickUp",), ("deliver",), ("pickUp", "deliver")], ids=" ".join)
async def test_what_moves_on_while_it_is_read_is_in_one_place(
    karim: Courier, job: str, moves: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_before = {"pickUp": "with_courier", "deliver": "delivered"}
    if "pickUp" not in moves:
        await karim.take("pickUp", job, 2)
    for step_ in moves:
        monkeypatch.setattr(model, read_before[step_], after(karim, step_, getattr(model, read_before[step_])))
    place = "delivered" if "deliver" in moves else "withMe"
    assert await karim.round() == {"ready": [], "withMe": [], "delivered": [], place: [job]}


def after(karim: Courier, step_: str, read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A reading before which the courier takes a step."""

    async def take_and_read(*arguments: Any) -> Any:
        await karim.take(step_, "o1", 2 if step_ == "pickUp" else 3)
        return await read(*arguments)

    return take_and_read


@pytest.mark.parametrize("document", ["{ delivered(first: 51) { id } }", "{ round(first: 0) { ready { id } } }"])
async def test_an_answer_has_bounds(karim: Courier, document: str) -> None:
    body = (await karim.client.graphql(document)).json()
    assert body["errors"][0]["extensions"]["code"] == "invalid-query"


def test_the_fleet_is_a_setting() -> None:
    assert (fleet_of({}), fleet_of({"COURIER_FLEET": "north"})) == ("riders", "north")
    with pytest.raises(SettingsError, match="COURIER_FLEET has 101 letters"):
        fleet_of({"COURIER_FLEET": "x" * 101})

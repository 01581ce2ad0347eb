"""What cooks do: once each, in order, and never over another's head."""

import asyncio
from datetime import datetime

import pytest

from bffs.kitchen.tests.kitchen_world import Cook, Refused, expired, paid
from portico.bff.testing.client import BffClient
from portico.bff.testing.hub import InMemoryHub


@pytest.fixture
async def order(anybody: BffClient, bff_hub: InMemoryHub) -> str:
    """The id of a new order of the trattoria."""
    event = paid()
    await bff_hub.emit(event, service="fulfilment")
    await bff_hub.settled()
    return event.subject


async def test_accepting_and_finishing_tell_the_other_services(mario: Cook, order: str, bff_hub: InMemoryHub) -> None:
    accepted = await mario.accept(order, 1)
    ready = await mario.ready(order, accepted["version"])
    assert [(task["status"], task["version"]) for task in (accepted, ready)] == [("ACCEPTED", 2), ("READY", 3)]
    for type_ in ("order.accepted", "order.ready"):
        [event] = await bff_hub.published(type_)
        assert (event.subject, event.partition_key, event.source) == (order, order, "/local/kitchen")
        assert event.actor == "mario"
        assert b'"customer":"ada"' in bytes(event.data)
        assert b'"restaurantName":"Trattoria"' in bytes(event.data)


async def test_the_second_of_two_cooks_is_told_what_the_first_did(mario: Cook, luigi: Cook, order: str) -> None:
    await mario.accept(order, 1)
    with pytest.raises(Refused) as refusal:
        await luigi.accept(order, 1)
    assert (refusal.value.code, refusal.value.extensions["status"]) == ("conflict", 412)
    current = refusal.value.extensions["current"]
    assert (current["version"], current["entity"]["status"], current["entity"]["id"]) == (2, "ACCEPTED", order)


async def test_a_conflict_shows_of_a_task_what_the_queue_shows_and_not_whose_it_is(
    mario: Cook, luigi: Cook, order: str
) -> None:
    await mario.accept(order, 1)
    with pytest.raises(Refused) as refusal:
        await luigi.accept(order, 1)
    current = refusal.value.extensions["current"]
    [seen] = await luigi.queue()
    shown = {"version": current["version"], **current["entity"]}
    for task in (shown, seen):
        task["placedAt"] = datetime.fromisoformat(task["placedAt"])
    assert shown == seen
    assert shown["customer"] != "ada"


async def test_a_cook_who_insists_after_a_conflict_is_told_what_the_rules_say(
    mario: Cook, luigi: Cook, order: str
) -> None:
    """The command comes again for the version that is there now; accepting what is accepted stays impossible."""
    await mario.accept(order, 1)
    with pytest.raises(Refused) as refusal:
        await luigi.accept(order, 1, insist_on=2)
    assert refusal.value.code == "task-not-new"


async def test_two_cooks_at_once_accept_it_once(mario: Cook, luigi: Cook, order: str, bff_hub: InMemoryHub) -> None:
    answers = await asyncio.gather(mario.accept(order, 1), luigi.accept(order, 1), return_exceptions=True)
    refused = [answer.code for answer in answers if isinstance(answer, Refused)]
    assert refused == ["conflict"]
    assert len(await bff_hub.published("order.accepted")) == 1


async def test_steps_are_not_skipped_nor_taken_twice(mario: Cook, order: str) -> None:
    with pytest.raises(Refused) as refusal:
        await mario.ready(order, 1)
    assert (refusal.value.code, refusal.value.extensions["status"]) == ("task-not-accepted", 409)
    await mario.accept(order, 1)
    with pytest.raises(Refused) as refusal:
        await mario.accept(order, 2)
    assert refusal.value.code == "task-not-new"


async def test_a_repeated_command_is_answered_alike_and_tells_once(
    mario: Cook, order: str, bff_hub: InMemoryHub
) -> None:
    first = await mario.accept(order, 1, key="k1")
    await mario.ready(order, 2)
    assert await mario.accept(order, 1, key="k1") == first
    assert len(await bff_hub.published("order.accepted")) == 1


async def test_an_unknown_order_is_told_as_such(mario: Cook) -> None:
    with pytest.raises(Refused) as refusal:
        await mario.accept("none", 1)
    assert (refusal.value.code, refusal.value.extensions["status"]) == ("unknown-task", 404)


async def test_rejecting_says_why_and_is_the_end_of_it(mario: Cook, order: str, bff_hub: InMemoryHub) -> None:
    rejected = await mario.reject(order, 1, "SOLD_OUT")
    assert (rejected["status"], rejected["version"]) == ("REJECTED", 2)
    [event] = await bff_hub.published("order.rejected")
    assert (event.subject, event.source, event.actor) == (order, "/local/kitchen", "mario")
    assert b'"reason":"sold-out"' in bytes(event.data)
    assert (await mario.queue(), await mario.done()) == ([], [])
    for step in (mario.accept, mario.ready):
        with pytest.raises(Refused):
            await step(order, 2)


async def test_what_was_accepted_is_not_rejected_any_more(mario: Cook, order: str, bff_hub: InMemoryHub) -> None:
    await mario.accept(order, 1)
    with pytest.raises(Refused) as refusal:
        await mario.reject(order, 2)
    assert refusal.value.code == "task-not-new"
    assert await bff_hub.published("order.accepted")
    assert (await mario.queue())[0]["status"] == "ACCEPTED"


async def test_a_reason_is_one_of_those_that_customers_are_told(mario: Cook, order: str) -> None:
    document = f'mutation {{ reject(id: "{order}", version: 1, reason: MOOD) {{ id }} }}'
    body = (await mario.client.graphql(document)).json()
    assert "RejectReason" in body["errors"][0]["message"]
    assert (await mario.queue())[0]["status"] == "NEW"


async def test_what_expired_cannot_be_accepted_any_more(mario: Cook, order: str, bff_hub: InMemoryHub) -> None:
    await bff_hub.emit(expired(order), service="fulfilment")
    await bff_hub.settled()
    for version in (1, 2):
        with pytest.raises(Refused) as refusal:
            await mario.accept(order, version)
        assert refusal.value.code == ("conflict" if version == 1 else "task-not-new")

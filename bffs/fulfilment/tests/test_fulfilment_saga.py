"""The order saga: every way through it, in every order of the facts, ends once, and the money is where it belongs."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bffs.fulfilment.tests.saga_world import ID, WITHIN_MS, Saga, TestClock, fact, order
from portico.bff import Event
from portico.bff.testing.events import received
from portico.sql import Statement

HAPPY = ("order.submitted", "payment.succeeded", "order.accepted", "order.ready", "order.picked-up", "order.delivered")
REJECTED = ("order.submitted", "payment.succeeded", "order.rejected", "payment.refunded")


@pytest.fixture
async def saga(tmp_path: Path) -> AsyncIterator[Saga]:
    saga = await Saga(f"sqlite:///{tmp_path}/saga.db", TestClock()).start()
    yield saga
    await saga.stop()


async def emptied(saga: Saga) -> Saga:
    tables = ("entities", "inbox", "outbox", "agenda", "search_documents")
    await saga.store.database.write([Statement(f"DELETE FROM {table}") for table in tables])
    return saga


async def test_an_order_that_goes_well_is_completed_once(saga: Saga) -> None:
    await saga.hear("order.submitted")
    assert await saga.told() == ["payment.requested"]
    asked = await saga.data("payment.requested")
    assert (asked["orderId"], asked["customer"], asked["amount"]) == (ID, "ada", {"minor": 2280, "currency": "EUR"})
    await saga.hear("payment.succeeded")
    confirmed = await saga.data("order.confirmed")
    assert (confirmed["status"], confirmed["lines"][0]["unitPrice"]["minor"]) == ("confirmed", 1000)
    await saga.hear("order.accepted", "order.ready", "order.picked-up")
    assert await saga.told() == ["payment.requested", "order.confirmed"]
    await saga.hear("order.delivered")
    completed = await saga.data("order.completed")
    assert completed["status"] == "completed"
    assert completed["reason"] is None
    await saga.wait(10 * WITHIN_MS)
    assert await saga.ends() == [None]


async def test_a_payment_that_fails_cancels_and_nothing_is_given_back(saga: Saga) -> None:
    await saga.hear("order.submitted", "payment.failed")
    await saga.wait(10 * WITHIN_MS)
    assert await saga.told() == ["payment.requested", "order.cancelled"]
    assert (await saga.data("order.cancelled"))["reason"] == "payment-failed"


async def test_a_rejection_is_paid_back_before_it_is_the_end(saga: Saga) -> None:
    await saga.hear("order.submitted", "payment.succeeded", "order.rejected")
    assert await saga.told() == ["payment.requested", "order.confirmed", "payment.refund-requested"]
    paid, back = await saga.data("payment.requested"), await saga.data("payment.refund-requested")
    assert paid == back
    await saga.hear("payment.refunded")
    assert await saga.ends() == ["rejected"]


async def test_no_answer_in_time_expires_is_paid_back_and_a_late_acceptance_loses(saga: Saga) -> None:
    await saga.hear("order.submitted", "payment.succeeded")
    await saga.wait(WITHIN_MS - 1)
    assert "order.expired" not in await saga.told()
    await saga.wait(1)
    assert await saga.told() == [
        "payment.requested", "order.confirmed", "order.expired", "payment.refund-requested"
    ]  # fmt: skip
    assert await saga.data("order.expired") == {
        "id": ID, "customer": "ada", "restaurantId": "da-mario", "restaurantName": "Da Mario"
    }  # fmt: skip
    await saga.hear("order.accepted", "order.ready", "order.delivered", "payment.refunded", "order.rejected")
    assert await saga.ends() == ["expired"]


async def test_the_time_begins_with_the_confirmation_whatever_held_that_up(saga: Saga) -> None:
    paid = fact("payment.succeeded", saga.clock())
    await saga.hear("order.submitted")
    await saga.wait(10 * WITHIN_MS)
    await saga.take(paid)
    await saga.wait(WITHIN_MS - 1)
    await saga.hear("order.accepted")
    await saga.wait(10 * WITHIN_MS)
    assert await saga.told() == ["payment.requested", "order.confirmed"]


@pytest.mark.parametrize(
    ("facts", "end", "refunds"),
    [(HAPPY, None, 0), (REJECTED, "rejected", 1), (("order.submitted", "payment.failed"), "payment-failed", 0),
     (("order.submitted", "payment.succeeded", "order.accepted", "order.rejected", "payment.refunded"), "rejected", 1)],
    ids=["delivered", "rejected", "unpaid", "rejected-after-acceptance"],
)  # fmt: skip
async def test_every_order_of_the_facts_and_their_repetition_ends_the_same(
    saga: Saga, facts: tuple[str, ...], end: str | None, refunds: int
) -> None:
    events = [fact(type_, saga.clock() + n) for n, type_ in enumerate(facts)]
    told: set[frozenset[str]] = set()
    for arrival in itertools.permutations(events):
        await emptied(saga)
        for event in [*arrival, arrival[0], arrival[-1]]:
            await saga.take(event)
        assert await saga.ends() == [end]
        assert (await saga.told()).count("payment.refund-requested") == refunds
        told.add(frozenset(event.id for event in await saga.events()))
    assert len(told) == 1


@pytest.mark.parametrize("answer", ["order.accepted", "order.rejected"])
async def test_every_interleaving_of_answer_and_expiry_has_one_end(saga: Saga, answer: str) -> None:
    """The clock may strike between any two facts; what follows from it is fed back as the others would."""
    steps = ("order.submitted", "payment.succeeded", answer, "strike")
    seen = set()
    for order_ in itertools.permutations(steps):
        await emptied(saga)
        for step in order_:
            await (saga.wait(10 * WITHIN_MS) if step == "strike" else saga.hear(step))
        told = await saga.told()
        if "payment.refund-requested" in told:
            await saga.hear("payment.refunded")
        elif answer == "order.accepted":
            await saga.hear("order.delivered")
        await saga.wait(10 * WITHIN_MS)
        [end] = await saga.ends()
        assert (end == "expired") == ("order.expired" in told) == (order_[2] == "strike" and order_[3] == answer)
        assert (end is None) == ("payment.refund-requested" not in told)
        seen.add(end)
    assert seen == {"expired", None if answer == "order.accepted" else "rejected"}


@pytest.mark.parametrize("facts", [HAPPY, REJECTED])
async def test_a_restart_after_every_fact_changes_nothing(saga: Saga, facts: tuple[str, ...]) -> None:
    for type_ in facts:
        await saga.hear(type_)
        await saga.restart()
    assert len(await saga.ends()) == 1


async def test_a_timer_outlives_the_process_that_set_it(saga: Saga) -> None:
    await saga.hear("order.submitted", "payment.succeeded")
    await saga.restart()
    await saga.wait(WITHIN_MS)
    assert (await saga.told())[-2:] == ["order.expired", "payment.refund-requested"]


async def test_money_that_comes_after_a_failure_goes_back(saga: Saga) -> None:
    await saga.hear("order.submitted", "payment.failed", "payment.succeeded")
    assert await saga.told() == ["payment.requested", "order.cancelled", "payment.refund-requested"]
    await saga.hear("payment.refunded")
    assert await saga.ends() == ["payment-failed"]


async def test_only_those_whose_affair_it_is_are_believed(saga: Saga) -> None:

    await saga.hear("order.submitted")
    await saga.take(received(Event("order.submitted", "other", order("other")), service="kitchen"))
    assert await saga.told() == ["payment.requested"]


async def test_two_orders_are_two_cases(saga: Saga) -> None:
    other = f"{ID[:-1]}b"
    for type_ in HAPPY:
        await saga.hear(type_)
        await saga.hear(type_, id_=other)
    assert [event.subject for event in await saga.events() if event.type == "order.completed"] == [ID, other]
    payments = [event.subject for event in await saga.events() if event.type == "payment.requested"]
    assert len(set(payments)) == 2

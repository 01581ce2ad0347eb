"""What was answered is durable: the process may die the moment after."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import expect

from e2e.api import SUBMIT, Api
from e2e.hub import events
from e2e.stack import Stack
from e2e.tests.conftest import NewPerson


def test_sigkill_right_after_an_answered_order_loses_nothing(own_stack: Stack, person: NewPerson) -> None:
    """The order, the session and the event are there after the restart, and the key still gives the same answer."""
    page = person("Ada Lovelace", at=own_stack)
    api = Api(page)
    wish, key = {"input": api.fill_basket()}, str(uuid4())
    answer = api.graphql(SUBMIT, wish, key=key)
    body, order = answer.body(), answer.json()["data"]["submitOrder"]["id"]
    own_stack.kill()

    own_stack.start()
    assert api.order_ids() == [order]
    again = api.graphql(SUBMIT, wish, key=key)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.body() == body
    page.goto(f"/orders/{order}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order from")
    assert [event["subject"] for event in events(own_stack, "order.submitted", expected=1)] == [order]


def test_an_order_is_told_once_with_a_deterministic_id(own_stack: Stack, person: NewPerson) -> None:
    """The hub has one `order.submitted` per order, whole, under one id in envelope and header, across a restart."""
    api = Api(person("Ada Lovelace", at=own_stack))
    key = str(uuid4())
    wish = {"input": api.fill_basket()}
    order = api.graphql(SUBMIT, wish, key=key).json()["data"]["submitOrder"]
    [event] = events(own_stack, "order.submitted", expected=1)
    assert event["subject"] == order["id"]
    assert event["id"] == event["Nats-Msg-Id"]
    assert event["actor"] == "ada"
    assert event["data"]["lines"]

    own_stack.kill()
    own_stack.start()
    api.graphql(SUBMIT, wish, key=key)
    assert [again["id"] for again in events(own_stack, "order.submitted", expected=1)] == [event["id"]]

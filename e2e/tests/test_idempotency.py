"""One key, one order, however often and however fast it is sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import httpx
from playwright.sync_api import Page, expect

from e2e.api import SUBMIT, Api
from e2e.pages.food import OrderPage
from e2e.stack import Stack
from e2e.tests.conftest import NewPerson


def test_the_same_key_again_gives_the_same_answer_and_one_order(person: NewPerson) -> None:
    """The second POST is answered from the first one's record, and says so."""
    api = Api(person("Ada Lovelace"))
    before, wish, key = api.order_ids(), {"input": api.fill_basket()}, str(uuid4())
    first, second = api.graphql(SUBMIT, wish, key=key), api.graphql(SUBMIT, wish, key=key)
    assert first.status == second.status == 200
    assert first.body() == second.body()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert api.order_ids() == [first.json()["data"]["submitOrder"]["id"], *before]


def test_the_same_key_with_another_body_is_refused(person: NewPerson) -> None:
    """A key stands for one command; using it for another is a mistake that is named."""
    api = Api(person("Ada Lovelace"))
    wish, key = api.fill_basket(), str(uuid4())
    assert api.graphql(SUBMIT, {"input": wish}, key=key).status == 200
    before = api.order_ids()
    other = api.graphql(SUBMIT, {"input": {**wish, "note": "extra hot"}}, key=key)
    assert other.status == 422
    assert other.json()["type"].endswith("/idempotency-key-reused")
    assert api.order_ids() == before


def test_a_key_is_a_persons_own(person: NewPerson) -> None:
    """Alan using Ada's key gets an order of his own, not her answer."""
    ada, alan = Api(person("Ada Lovelace")), Api(person("Alan Turing"))
    key = str(uuid4())
    hers = ada.graphql(SUBMIT, {"input": ada.fill_basket()}, key=key).json()["data"]["submitOrder"]["id"]
    his = alan.graphql(SUBMIT, {"input": alan.fill_basket()}, key=key).json()["data"]["submitOrder"]["id"]
    assert his != hers
    assert his in alan.order_ids()


def test_ten_at_once_with_one_key_make_one_order(person: NewPerson, stack: Stack) -> None:
    """Concurrent duplicates end in one order; each is told of it, or told to come back."""
    page = person("Grace Hopper")
    api = Api(page)
    before, wish, key, cookie = api.order_ids(), {"input": api.fill_basket()}, str(uuid4()), session_cookie(page)

    def send(_number: int) -> httpx.Response:
        return httpx.post(
            f"{stack.url}/api/checkout/graphql",
            headers={"X-Portico": "1", "Idempotency-Key": key, "Cookie": cookie},
            json={"query": SUBMIT, "variables": wish},
            timeout=30,
        )

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(10)))
    made = {answer.json()["data"]["submitOrder"]["id"] for answer in answers if answer.status_code == 200}
    assert len(made) == 1
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert api.order_ids() == [*made, *before]


def test_a_double_click_places_one_order(person: NewPerson) -> None:
    """Two quick presses of the button are one wish."""
    page = person("Alan Turing")
    api = Api(page)
    api.fill_basket()
    before = api.order_ids()
    page.goto("/basket")
    page.get_by_label("Name on the door").fill("Alan")
    page.get_by_label("Street and house number").fill("Bletchley Park")
    page.get_by_label("Postal code").fill("MK3 6EB")
    page.get_by_label("Town").fill("Milton Keynes")
    page.get_by_role("button", name="Place order").dblclick()
    expect(OrderPage(page).where_it_is).to_be_visible()  # the server has it, not this device alone
    assert api.order_ids()[1:] == before


def session_cookie(page: Page) -> str:
    """The session cookie of a page's browser, as a header's value."""
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())

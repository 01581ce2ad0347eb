"""Orders that move by themselves, and an evening in a tunnel: what was done without a network arrives, once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e import hub
from e2e.api import ADD, Api
from e2e.orders import order_from
from e2e.pages.food import (
    ActivityPage,
    BasketPage,
    CourierPage,
    KitchenPage,
    OrderPage,
    OrdersPage,
    RestaurantPage,
    RestaurantsPage,
    TrackPage,
    basket_indicator,
)
from e2e.pages.provider import SignInPage
from e2e.stack import Stack, browser_arguments
from e2e.tests.conftest import DEFAULT_TIMEOUT_MS, NewPerson, NewTraveller
from portico.bff.testing.faults import FaultProxy

if TYPE_CHECKING:
    from portico.bff.testing.plugin import KillBrowser

KEEPS_THE_PAGE = """async () => {
  const kept = async () => {
    const contents = (await caches.keys()).includes('portico-contents') && (await caches.open('portico-contents'));
    return contents && (await contents.keys()).some(({ url }) => new URL(url).pathname === '/_portico/offline.json');
  };
  while (!(await kept())) await new Promise(requestAnimationFrame);
}"""
"""Ends when the worker keeps what pages are made of: the list of it is what it writes last."""

KEEPS_ALL = """async () => {
  const kept = async (app) => {
    const name = (await caches.keys()).find((name) => name.startsWith('portico-reads:') && name.endsWith(app));
    return name ? (await (await caches.open(name)).keys()).length : 0;
  };
  const all = async () => (await kept('checkout')) >= 2 && (await kept('menu')) >= 2 && (await kept('tracking')) >= 1;
  while (!(await all())) await new Promise(requestAnimationFrame);
}"""
"""Ends when the worker has fetched ahead what the apps named."""

KEEPS = "async (path) => { while (!(await caches.match(path))) await new Promise(requestAnimationFrame); }"
"""Ends when the worker keeps an answer of this path."""

PATIENCE_MS = 45_000
"""For what waits its turn in the outbox after the network came back."""


@pytest.fixture(scope="session")
def portico_url(stack: Stack) -> str:
    return stack.url


def ready_for_the_tunnel(page: Page) -> None:
    """Wait until the worker keeps the platform and the apps; load the page once more, so that it keeps what is read.

    It is in charge long before that: without what it keeps, a page that is loaded in the tunnel is the browser's error.
    """
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    page.evaluate(KEEPS_THE_PAGE)
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def test_a_person_orders_the_restaurant_accepts_and_the_courier_delivers(person: NewPerson) -> None:
    """Three browsers, and a fourth of Ada's: what each does shows at the others by itself. Nobody reloads."""
    kitchen = KitchenPage(person("Mario Rossi")).open()
    courier = CourierPage(person("Karim Benali")).open()
    ada = person("Ada Lovelace")
    order = order_from(ada, "da-mario")
    expect(kitchen.task(order)).to_contain_text("Ada Lovelace")
    expect(OrderPage(ada).main).to_contain_text("Paid")

    elsewhere = person("Ada Lovelace")
    track = TrackPage(elsewhere).open(order)
    expect(track.step).to_contain_text("Paid")
    kitchen.accept(order)
    expect(kitchen.task(order)).to_contain_text("Accepted")
    expect(track.step).to_contain_text("Accepted by the kitchen")
    expect(OrderPage(ada).main).to_contain_text("Being cooked")
    expect(elsewhere.get_by_text("Your order was accepted").first).to_be_visible()
    expect(courier.waiting(order)).to_have_count(0)

    kitchen.ready(order)
    expect(kitchen.ready_to_go(order)).to_be_visible()
    expect(kitchen.task(order)).to_have_count(0)
    expect(track.step).to_contain_text("Ready to go")
    expect(courier.waiting(order)).to_contain_text("12 St James's Square")

    courier.pick_up(order)
    expect(courier.carried(order)).to_contain_text("Da Mario")
    expect(track.step).to_contain_text("On its way")
    expect(track.main).to_contain_text("Karim Benali is bringing it.")
    courier.deliver(order)
    expect(courier.brought(order)).to_be_visible()
    expect(track.step).to_contain_text("Delivered")
    expect(OrderPage(ada).main).to_contain_text("Delivered")
    OrderPage(ada).where_it_is.click()
    expect(TrackPage(ada).step).to_contain_text("Delivered")


def test_an_order_that_the_restaurant_rejects_is_refunded_and_the_person_reads_why(
    stack: Stack, person: NewPerson
) -> None:
    """Hana's kitchen is out of something: Ada reads why and that her money comes back; nobody brings anything."""
    kitchen = KitchenPage(person("Hana Mori")).open()
    courier = CourierPage(person("Karim Benali")).open()
    ada = person("Ada Lovelace")
    order = order_from(ada, "sushi-hanami")
    elsewhere = person("Ada Lovelace")
    track = TrackPage(elsewhere).open(order)
    expect(kitchen.task(order)).to_be_visible()

    kitchen.reject(order, "Something is sold out")
    expect(kitchen.task(order)).to_have_count(0)
    expect(track.why).to_contain_text("Hanami could not take your order: something you chose is sold out.")
    expect(track.why).to_contain_text("Your money is on its way back to you.")
    expect(track.step).to_contain_text("Cancelled")
    expect(elsewhere.get_by_text("Your order was cancelled").first).to_be_attached()
    expect(OrderPage(ada).main).to_contain_text("Your money is on its way back to you.")
    expect(courier.waiting(order)).to_have_count(0)
    [refund] = hub.events(stack, "payment.refunded", expected=1, of=lambda event: event["data"]["orderId"] == order)
    assert refund["data"]["customer"] == "ada"


def test_an_order_that_cannot_be_paid_says_so_and_never_reaches_the_kitchen(person: NewPerson) -> None:
    """The payment sandbox declines what costs more than 500."""
    kitchen = KitchenPage(person("Odile Martin")).open()
    ada = person("Ada Lovelace")
    api = Api(ada)
    api.graphql("mutation { clearBasket { count } }", key=str(uuid4()))
    dishes = [dish for part in api.get("/menu/restaurants/chez-odile").json()["sections"] for dish in part["dishes"]]
    for dish in dishes[:4]:
        api.graphql(ADD, {"input": {"dishId": dish["id"], "quantity": 20}}, key=str(uuid4()))
    order = BasketPage(ada).open().order()
    expect(OrderPage(ada).main).to_contain_text("The payment did not go through. Nothing was charged.")
    track = TrackPage(ada).open(order)
    expect(track.why).to_contain_text("The payment did not go through.")
    expect(track.why).not_to_contain_text("on its way back")
    expect(kitchen.task(order)).to_have_count(0)


def test_an_order_that_nobody_accepts_ends_by_itself_and_the_money_goes_back(tmp_path: Path, person: NewPerson) -> None:
    """On a platform whose kitchens have seconds to answer: Ada reads why it will not come, and Hana sees it no more."""
    stack = Stack(tmp_path / "portico", environment={"FULFILMENT_ACCEPT_MINUTES": "0.05"}).start()
    try:
        kitchen = KitchenPage(person("Hana Mori", at=stack)).open()
        ada = person("Ada Lovelace", at=stack)
        order = order_from(ada, "sushi-hanami")
        track = TrackPage(ada).open(order)
        expect(track.why).to_contain_text("Hanami did not answer in time")
        expect(track.why).to_contain_text("Your money is on its way back to you.")
        expect(track.step).to_contain_text("Cancelled")
        expect(OrderPage(ada).open(order).main).to_contain_text("Your money is on its way back to you.")
        expect(kitchen.task(order)).to_have_count(0)
        [refund] = hub.events(stack, "payment.refunded", expected=1)
        [expired] = hub.events(stack, "order.expired", expected=1)
        assert (refund["data"]["orderId"], expired["subject"]) == (order, order)
    finally:
        stack.stop()


def test_a_cook_sees_nothing_of_another_restaurant(person: NewPerson) -> None:
    """An order at one restaurant is in its kitchen, and not in the next one's; a customer has no kitchen at all."""
    here, there = KitchenPage(person("Odile Martin")).open(), KitchenPage(person("Hana Mori")).open()
    ada = person("Ada Lovelace")
    order = order_from(ada, "chez-odile")
    expect(here.task(order)).to_be_visible()
    there.open()
    expect(there.task(order)).to_have_count(0)
    answer = ada.goto("/kitchen")
    assert answer is not None
    assert answer.status == 403


def test_an_order_of_the_train_arrives_once(
    stack: Stack,
    browser: Browser,
    chromium_path: str | None,
    kill_browser: KillBrowser,
    fault_proxy: FaultProxy,
    person: NewPerson,
) -> None:
    """In a tunnel: a dish, the order, a browser that dies. At home: the same browser, and one order."""
    options = {"executable_path": chromium_path, "args": list(browser_arguments()), "base_url": fault_proxy.url}
    phone = kill_browser(browser.browser_type, **options)
    page = phone.page
    phone.context.set_default_timeout(DEFAULT_TIMEOUT_MS)
    SignInPage(page).sign_in("Alan Turing")
    Api(page).graphql("mutation { clearBasket { count } }", key=str(uuid4()))
    RestaurantsPage(page).open()
    ready_for_the_tunnel(page)
    RestaurantPage(page).open("supra")
    expect(page.get_by_role("main").get_by_role("button", name="Add").first).to_be_visible()
    page.evaluate(KEEPS, "/api/menu/restaurants/supra")  # which the page does not wait for

    fault_proxy.refuse()
    page.reload()
    RestaurantPage(page).add_first_dish()
    page.reload()
    expect(basket_indicator(page)).to_have_accessible_name("Basket, 1 dish")
    basket = BasketPage(page).open()
    expect(basket.lines).to_have_count(1)
    expect(page.get_by_role("main")).to_contain_text("Data from")
    order = basket.order()
    expect(OrderPage(page).saved).to_be_visible()
    expect(basket_indicator(page)).to_have_accessible_name("Basket, empty")
    expect(ActivityPage(page).open().waiting.get_by_role("listitem").filter(has_text="Order from")).to_have_count(1)

    phone.kill()
    phone.start().set_default_timeout(DEFAULT_TIMEOUT_MS)
    page = phone.page
    expect(OrderPage(page).open(order).saved).to_be_visible()
    expect(OrderPage(page).main).to_contain_text("Dishes")
    expect(OrdersPage(page).open().orders.filter(has_text="Not sent yet")).to_have_count(1)

    fault_proxy.heal()
    SignInPage(page).sign_in("Alan Turing", path=f"/orders/{order}")
    expect(OrderPage(page).where_it_is).to_be_visible(timeout=PATIENCE_MS)
    expect(OrderPage(page).saved).to_have_count(0)
    assert Api(person("Alan Turing")).order_ids().count(order) == 1
    told = hub.events(stack, "order.submitted", expected=1, of=lambda event: event["subject"] == order)
    assert len(told) == 1


def test_an_order_that_is_refused_later_says_why_and_leads_back(person: NewPerson, traveller: NewTraveller) -> None:
    """The basket was changed on another device meanwhile: nothing is ordered or lost, and ordering anew works."""
    grace = traveller("Grace Hopper")
    page = grace.page
    Api(page).graphql("mutation { clearBasket { count } }", key=str(uuid4()))
    RestaurantPage(page).open("da-mario").add_first_dish()
    ready_for_the_tunnel(page)
    basket = BasketPage(page).open()
    expect(basket.place_order).to_be_visible()
    grace.enter_the_tunnel()
    order = basket.order()
    expect(OrderPage(page).saved).to_be_visible()

    elsewhere = Api(person("Grace Hopper"))
    dishes = elsewhere.get("/menu/restaurants/da-mario").json()["sections"][0]["dishes"]
    elsewhere.graphql(ADD, {"input": {"dishId": dishes[1]["id"], "quantity": 1}}, key=str(uuid4()))
    grace.leave_the_tunnel()
    expect(OrderPage(page).refused).to_contain_text("Your basket has changed", timeout=PATIENCE_MS)
    assert order not in elsewhere.order_ids()

    OrderPage(page).go_back_to_the_basket()
    expect(basket.lines).to_have_count(2)
    expect(basket.place_order).to_be_enabled(timeout=PATIENCE_MS)
    again = basket.order()
    expect(OrderPage(page).where_it_is).to_be_visible()
    assert again in elsewhere.order_ids()


def test_a_restaurant_that_nobody_opened_can_be_read_in_the_tunnel(traveller: NewTraveller) -> None:
    """What is in view in the list is fetched ahead while nothing else is to be done."""
    grace = traveller("Grace Hopper")
    page = grace.page
    ready_for_the_tunnel(page)
    with page.expect_response(re.compile(r"/api/menu/restaurants/[\w-]+$")) as ahead:
        RestaurantsPage(page).open()
    path = urlsplit(ahead.value.url).path
    page.evaluate(KEEPS, path)
    grace.enter_the_tunnel()
    RestaurantPage(page).open(path.rpartition("/")[2])
    expect(page.get_by_role("main").get_by_role("button", name="Add").first).to_be_visible()


def test_a_dish_of_another_restaurant_is_refused_in_the_tunnel_too(traveller: NewTraveller) -> None:
    """What the server would refuse later is told now, with the way to start a new basket."""
    grace = traveller("Grace Hopper")
    page = grace.page
    Api(page).graphql("mutation { clearBasket { count } }", key=str(uuid4()))
    RestaurantPage(page).open("supra")
    ready_for_the_tunnel(page)
    RestaurantPage(page).open("da-mario").add_first_dish()
    expect(page.get_by_text(re.compile(r"is in your basket\.$")).first).to_be_attached()  # the server has said so
    RestaurantPage(page).open("supra")
    add = page.get_by_role("main").get_by_role("button", name="Add").first
    expect(add).to_be_visible()
    page.evaluate(KEEPS, "/api/menu/restaurants/supra")
    grace.enter_the_tunnel()
    page.reload()
    expect(page.get_by_text(re.compile("^Offline")).first).to_be_visible()
    add.click()
    expect(page.get_by_role("button", name="Start a new basket")).to_be_visible()
    page.get_by_role("button", name="Start a new basket").click()
    expect(page.get_by_text(re.compile("^Offline. 1 change saved")).first).to_be_visible()
    BasketPage(page).open()
    expect(BasketPage(page).lines).to_have_count(1)
    expect(page.get_by_role("main")).to_contain_text("From Supra")


def test_a_step_that_a_colleague_overtook_is_a_conflict_that_the_cook_sees(
    person: NewPerson, traveller: NewTraveller
) -> None:
    """Two tablets in one kitchen, one without a network: its step does not undo what the other did."""
    order = order_from(person("Ada Lovelace"), "sushi-hanami")
    hana = traveller("Hana Mori")
    one = KitchenPage(hana.page).open()
    ready_for_the_tunnel(one.page)
    expect(one.task(order)).to_contain_text("New")
    hana.enter_the_tunnel()
    one.accept(order)
    expect(one.task(order)).to_contain_text("Saved on this device, not confirmed yet")

    other = KitchenPage(person("Hana Mori")).open()
    other.accept(order)
    expect(other.task(order)).to_contain_text("Accepted")
    other.ready(order)
    expect(other.ready_to_go(order)).to_be_visible()

    hana.leave_the_tunnel()
    trouble = one.ready_to_go(order).get_by_role("alert")
    expect(trouble).to_contain_text("somebody else changed this order", timeout=PATIENCE_MS)
    trouble.get_by_role("button", name="Show it as it is").click()
    expect(trouble).to_have_count(0)
    expect(one.ready_to_go(order)).to_be_visible()


def test_after_one_visit_every_page_of_the_navigation_opens_in_the_tunnel(traveller: NewTraveller) -> None:
    """Also those that were never looked at: what they show first is fetched ahead."""
    ada = traveller("Ada Lovelace")
    page = ada.page
    page.evaluate(KEEPS_ALL)
    ada.enter_the_tunnel()
    for entry, heading in (
        ("Basket", re.compile("basket")),
        ("My orders", re.compile("[Oo]rders")),
        ("On the way", re.compile("on the way", re.IGNORECASE)),
        ("Restaurants", "What are you hungry for?"),
    ):
        page.get_by_role("navigation").get_by_role("link", name=entry).click()
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        page.reload()
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        expect(page.get_by_role("main")).not_to_contain_text("no copy")

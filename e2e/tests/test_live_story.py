"""Orders that move by themselves, and an evening in a tunnel: what was done without a network arrives, once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from e2e import hub
from e2e.api import ADD, Api
from e2e.pages.food import (
    ActivityPage,
    BasketPage,
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

KEEPS_ALL = """async () => {
  const kept = async (app) => {
    const name = (await caches.keys()).find((name) => name.startsWith('portico-reads:') && name.endsWith(app));
    return name ? (await (await caches.open(name)).keys()).length : 0;
  };
  const all = async () => (await kept('checkout')) >= 2 && (await kept('menu')) >= 1 && (await kept('tracking')) >= 1;
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


def order_from(page: Page, slug: str) -> str:
    """Order one dish of a restaurant and return the order's id; what else was in the basket is given up."""
    Api(page).graphql("mutation { clearBasket { count } }", key=str(uuid4()))
    RestaurantPage(page).open(slug).add_first_dish()
    return BasketPage(page).open().order()


def ready_for_the_tunnel(page: Page) -> None:
    """Wait until the worker keeps the platform and the apps; load the page once more, so that it keeps what is read."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => null)")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def test_an_order_appears_in_the_kitchen_and_moves_at_the_customers_by_itself(person: NewPerson) -> None:
    """Ada orders; the cook sees it, and what the cook does shows in both of her browsers. Nobody reloads."""
    kitchen = KitchenPage(person("Mario Rossi")).open()
    ada = person("Ada Lovelace")
    order = order_from(ada, "da-mario")
    expect(kitchen.task(order)).to_contain_text("Ada Lovelace")

    elsewhere = person("Ada Lovelace")
    track = TrackPage(elsewhere).open(order)
    expect(track.step).to_contain_text("Order placed")
    kitchen.accept(order)
    expect(kitchen.task(order)).to_contain_text("Accepted")
    expect(track.step).to_contain_text("Accepted by the kitchen")
    expect(OrderPage(ada).main).to_contain_text("Being cooked")
    expect(elsewhere.get_by_text("Your order was accepted").first).to_be_visible()

    kitchen.ready(order)
    expect(kitchen.ready_to_go(order)).to_be_visible()
    expect(kitchen.task(order)).to_have_count(0)
    expect(track.step).to_contain_text("Ready to go")
    OrderPage(ada).where_it_is.click()
    expect(TrackPage(ada).step).to_contain_text("Ready to go")


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
    RestaurantsPage(page).open()
    ready_for_the_tunnel(page)
    RestaurantPage(page).open("supra")
    expect(page.get_by_role("main").get_by_role("button", name="Add").first).to_be_visible()

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
    told = [event for event in hub.events(stack, "order.submitted", expected=1) if event["subject"] == order]
    assert len(told) == 1


def test_an_order_that_is_refused_later_says_why_and_leads_back(person: NewPerson, traveller: NewTraveller) -> None:
    """The basket was changed on another device meanwhile: nothing is ordered or lost, and ordering anew works."""
    grace = traveller("Grace Hopper")
    page = grace.page
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

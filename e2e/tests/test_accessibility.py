"""Every view can be used by everyone: axe finds nothing, at any width, in light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import check
from e2e.orders import order_from_mario
from e2e.pages.food import (
    ActivityPage,
    BasketPage,
    CourierPage,
    KitchenPage,
    OrderPage,
    RestaurantsPage,
    TrackPage,
)
from e2e.stack import Stack
from e2e.tests.conftest import NewContext, NewPerson
from e2e.views import ENGLISH, VIEWS, basket, restaurants

LOOKS = {
    "phone, light": {"viewport": {"width": 320, "height": 640}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
    "desktop, light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "desktop, dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}


def insights(page: Page) -> None:
    """With its charts drawn, and one of them as a table."""
    page.goto("/insights")
    expect(page.get_by_role("main").locator("canvas[width]").first).to_be_attached()
    page.get_by_role("main").locator("summary").first.click()
    expect(page.get_by_role("main").get_by_role("table").first).to_be_visible()


def waiting_order(page: Page) -> None:
    """An order that is saved on this device, and its page; there is no network from here on."""
    basket(page, ENGLISH)
    page.context.set_offline(True)
    BasketPage(page).order()
    expect(OrderPage(page).saved).to_be_visible()


def what_waits(page: Page) -> None:
    """Within the page: there is no worker here, so nothing could be loaded."""
    page.get_by_role("banner").get_by_role("link", name="Signed in as").click()
    expect(ActivityPage(page).waiting.get_by_role("listitem").first).to_be_visible()


def kitchen(page: Page) -> None:
    expect(KitchenPage(page).open().queue.get_by_role("article").first).to_be_visible()


def kitchen_at_rest(page: Page) -> None:
    expect(KitchenPage(page).open().queue).to_contain_text("Nothing to cook just now")


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_no_view_of_a_signed_in_person_has_an_axe_violation(person: NewPerson, look: str) -> None:
    """All views one after the other, as one person in one browser sees them."""
    page = person("Ada Lovelace", **LOOKS[look])
    for show in VIEWS:
        show(page, ENGLISH)
        check(page)
    for show_cut_off in (waiting_order, what_waits):
        show_cut_off(page)
        check(page)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_no_view_of_an_operator_has_an_axe_violation(person: NewPerson, look: str) -> None:
    page = person("Grace Hopper", **LOOKS[look])
    insights(page)
    check(page)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_no_view_of_a_cook_has_an_axe_violation(person: NewPerson, look: str) -> None:
    """A queue with an order that is new and one that was accepted, and one with nothing in it."""
    customer = person("Ada Lovelace")
    oldest, newest = (order_from_mario(customer) for _ in range(2))
    page = person("Mario Rossi", **LOOKS[look])
    kitchen(page)
    KitchenPage(page).task(oldest).get_by_role("button", name="Reject …").click()
    expect(page.get_by_role("radio").first).to_be_focused()
    KitchenPage(page).accept(newest)
    expect(KitchenPage(page).task(newest)).to_contain_text("Accepted")
    check(page)
    rest = person("Hana Mori", **LOOKS[look])
    kitchen_at_rest(rest)
    check(rest)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_no_view_of_a_courier_has_an_axe_violation(person: NewPerson, look: str) -> None:
    """One order to pick up, one with the courier, one that was brought; and what a person sees of one turned down."""
    customer, cook = person("Ada Lovelace", **LOOKS[look]), KitchenPage(person("Mario Rossi")).open()
    page = person("Karim Benali", **LOOKS[look])
    courier = CourierPage(page).open()
    waits, carried, brought, rejected = (order_from_mario(customer) for _ in range(4))
    for order_id in (waits, carried, brought):
        cook.accept(order_id)
        cook.ready(order_id)
    cook.reject(rejected, "The kitchen is closing")
    for order_id in (carried, brought):
        courier.pick_up(order_id)
    courier.deliver(brought)
    expect(courier.brought(brought)).to_be_visible()
    expect(courier.waiting(waits)).to_be_visible()
    check(page)
    expect(TrackPage(customer).open(rejected).why).to_contain_text("Your money is on its way back to you.")
    check(customer)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_no_view_of_a_stranger_has_an_axe_violation(stack: Stack, new_context: NewContext, look: str) -> None:
    """The start page, the page that asks to sign in, that of what waits, and the development provider's."""
    page = new_context(stack.url, **LOOKS[look]).new_page()
    for path in ("/", "/orders", "/activity", "/auth/sign-in"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        check(page)


def test_the_whole_evening_works_by_keyboard(person: NewPerson) -> None:
    """Skip link, search, a restaurant, its first dish: no mouse."""
    page = person("Alan Turing")
    restaurants(page, ENGLISH)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    RestaurantsPage(page).search_box.focus()
    page.keyboard.type("margherita")
    page.wait_for_url("**q=margherita*")
    expect(RestaurantsPage(page).restaurant("Hanami")).to_have_count(0)  # what is shown is what was searched for
    RestaurantsPage(page).results.get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    add = page.get_by_role("main").get_by_role("button", name="Add").first
    add.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("banner").get_by_role("link", name="Basket,")).not_to_have_accessible_name("Basket, empty")

"""Every view can be used by everyone: axe finds nothing, at any width, in light and dark."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from e2e.api import SUBMIT, Api
from e2e.pages.food import (
    ActivityPage,
    BasketPage,
    KitchenPage,
    OrderPage,
    OrdersPage,
    RestaurantPage,
    RestaurantsPage,
    TrackPage,
)
from e2e.stack import ROOT, Stack
from e2e.tests.conftest import NewContext, NewPerson

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => (await axe.run(document, { resultTypes: ['violations'] }))
  .violations.map(({ id, nodes }) => [id, ...nodes.slice(0, 3).map(({ html }) => html)])"""
LOOKS = {
    "phone, light": {"viewport": {"width": 320, "height": 640}, "color_scheme": "light"},
    "phone, dark": {"viewport": {"width": 320, "height": 640}, "color_scheme": "dark"},
    "desktop, light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "desktop, dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}


def check(page: Page) -> None:
    """Neither axe violations nor sideways scrolling."""
    # Through the debugger's own world: the page's policy refuses scripts that it did not bring.
    page.evaluate(AXE.read_text())
    assert page.evaluate(RUN) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def restaurants(page: Page) -> None:
    RestaurantsPage(page).open()
    expect(RestaurantsPage(page).results.get_by_role("link").first).to_be_visible()


def restaurant(page: Page) -> None:
    restaurants(page)
    RestaurantsPage(page).results.get_by_role("link").first.click()
    expect(page.get_by_role("main").get_by_role("button", name="Add").first).to_be_visible()


def basket(page: Page) -> None:
    Api(page).fill_basket()
    page.goto("/basket")
    expect(page.get_by_role("button", name="Place order")).to_be_visible()


def empty_basket(page: Page) -> None:
    Api(page).graphql("mutation { clearBasket { count } }", key=str(uuid4()))
    page.goto("/basket")
    expect(page.get_by_role("heading", level=1, name="Your basket is empty")).to_be_visible()


def orders(page: Page) -> None:
    Api(page).graphql(SUBMIT, {"input": Api(page).fill_basket()}, key=str(uuid4()))
    expect(OrdersPage(page).open().orders).not_to_have_count(0)


def order(page: Page) -> None:
    orders(page)
    OrdersPage(page).orders.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Order from")


def deliveries(page: Page) -> None:
    orders(page)
    expect(TrackPage(page).open().all).not_to_have_count(0)


def delivery(page: Page) -> None:
    deliveries(page)
    TrackPage(page).all.get_by_role("link").first.click()
    expect(TrackPage(page).step).to_be_visible()


def no_delivery(page: Page) -> None:
    page.goto("/track/0")
    expect(page.get_by_role("heading", level=1, name="There is no such order")).to_be_visible()


def activity(page: Page) -> None:
    ActivityPage(page).open()
    expect(ActivityPage(page).waiting).to_contain_text("Nothing waits")


def waiting_order(page: Page) -> None:
    """An order that is saved on this device, its page, and the list of what waits; the last thing that is done here."""
    basket(page)
    page.context.set_offline(True)
    BasketPage(page).order()
    expect(OrderPage(page).saved).to_be_visible()


def what_waits(page: Page) -> None:
    """Within the page: there is no worker here, so nothing could be loaded."""
    page.get_by_role("banner").get_by_role("link", name="Signed in as").click()
    expect(ActivityPage(page).waiting.get_by_role("listitem").first).to_be_visible()


def order_from_mario(page: Page) -> str:
    RestaurantPage(page).open("da-mario").add_first_dish()
    return BasketPage(page).open().order()


def kitchen(page: Page) -> None:
    expect(KitchenPage(page).open().queue.get_by_role("article").first).to_be_visible()


def kitchen_at_rest(page: Page) -> None:
    expect(KitchenPage(page).open().queue).to_contain_text("Nothing to cook just now")


def lost(page: Page) -> None:
    page.goto("/no/such/page")
    expect(page.get_by_role("heading", level=1)).to_be_visible()


VIEWS: list[Callable[[Page], None]] = [
    restaurants,
    restaurant,
    basket,
    empty_basket,
    orders,
    order,
    deliveries,
    delivery,
    no_delivery,
    lost,
    activity,
    waiting_order,
    what_waits,
]


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_no_view_of_a_signed_in_person_has_an_axe_violation(person: NewPerson, look: str) -> None:
    """All views one after the other, as one person in one browser sees them."""
    page = person("Ada Lovelace", **LOOKS[look])
    for show in VIEWS:
        show(page)
        check(page)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_no_view_of_a_cook_has_an_axe_violation(person: NewPerson, look: str) -> None:
    """A queue with an order that is new and one that was accepted, and one with nothing in it."""
    customer = person("Ada Lovelace")
    _, newest = (order_from_mario(customer) for _ in range(2))
    page = person("Mario Rossi", **LOOKS[look])
    kitchen(page)
    KitchenPage(page).accept(newest)
    expect(KitchenPage(page).task(newest)).to_contain_text("Accepted")
    check(page)
    rest = person("Hana Mori", **LOOKS[look])
    kitchen_at_rest(rest)
    check(rest)


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
    restaurants(page)
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

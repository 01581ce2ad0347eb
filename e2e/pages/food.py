"""The reference application's pages, as a person meets them."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect


class RestaurantsPage:
    """Where people look for something to eat."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1, name="What are you hungry for?")
        self.search_box = page.get_by_role("searchbox")
        self.results = page.get_by_role("region", name="Restaurants")

    def open(self) -> RestaurantsPage:
        self.page.goto("/")
        expect(self.heading).to_be_visible()
        return self

    def search(self, words: str) -> None:
        self.search_box.fill(words)

    def restaurant(self, name: str) -> Locator:
        return self.results.get_by_role("link", name=name)


class RestaurantPage:
    """One restaurant and its dishes."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, slug: str) -> RestaurantPage:
        self.page.goto(f"/restaurants/{slug}")
        return self

    def add_first_dish(self) -> None:
        """Put the first dish on the page into the basket, and wait until the basket has it."""
        self.page.get_by_role("main").get_by_role("button", name="Add").first.click()
        expect(basket_indicator(self.page)).not_to_have_accessible_name("Basket, empty")


class BasketPage:
    """The basket and the order form."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lines = page.get_by_role("region", name="Dishes").get_by_role("listitem")
        self.place_order = page.get_by_role("button", name="Place order")

    def open(self) -> BasketPage:
        self.page.goto("/basket")
        return self

    def fill_address(self, name: str = "Ada Lovelace") -> None:
        self.page.get_by_label("Name on the door").fill(name)
        self.page.get_by_label("Street and house number").fill("12 St James's Square")
        self.page.get_by_label("Postal code").fill("SW1Y 4JH")
        self.page.get_by_label("Town").fill("London")

    def order(self) -> str:
        """Place the order and return its id, from the address of the page that shows it."""
        self.fill_address()
        expect(self.place_order).to_be_enabled()  # once what was put in before is told of
        self.place_order.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Order from")
        return self.page.url.rpartition("/")[2]


class OrderPage:
    """One order."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.main = page.get_by_role("main")
        self.saved = self.main.get_by_role("status").filter(has_text="Saved on this device, will be sent")
        self.refused = self.main.get_by_role("alert").filter(has_text="Your order was not placed")
        self.where_it_is = self.main.get_by_role("link", name="Where it is now")

    def open(self, order_id: str) -> OrderPage:
        self.page.goto(f"/orders/{order_id}")
        return self

    def go_back_to_the_basket(self) -> None:
        self.main.get_by_role("button", name="Go back to the basket").click()


class OrdersPage:
    """My orders."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1, name=re.compile("My orders|No orders yet"))
        self.orders = page.get_by_role("main").get_by_role("listitem")

    def open(self) -> OrdersPage:
        self.page.goto("/orders")
        expect(self.heading).to_be_visible()
        return self


class KitchenPage:
    """A restaurant's queue, as its cooks see it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1, name="Kitchen")
        self.queue = page.get_by_role("region", name="To do")
        self.done = page.get_by_role("region", name="Ready to go").get_by_role("listitem")

    def open(self) -> KitchenPage:
        self.page.goto("/kitchen")
        expect(self.heading).to_be_visible()
        expect(self.queue).to_be_visible()
        return self

    def task(self, order_id: str) -> Locator:
        """The card of an order; the end of its number is on it."""
        return self.queue.locator(card(order_id)).filter(has_text=order_id[-4:].upper())

    def accept(self, order_id: str) -> None:
        self.task(order_id).get_by_role("button", name="Accept").click()

    def ready(self, order_id: str) -> None:
        self.task(order_id).get_by_role("button", name="Ready").click()

    def reject(self, order_id: str, why: str) -> None:
        """Turn an order down for one of the reasons that are offered."""
        self.task(order_id).get_by_role("button", name="Reject …").click()
        self.task(order_id).get_by_text(why).click()
        self.task(order_id).get_by_role("button", name="Reject the order").click()

    def ready_to_go(self, order_id: str) -> Locator:
        """The line of an order that is done."""
        return self.done.filter(has_text=order_id[-4:].upper())


class CourierPage:
    """What is to be brought, as a courier sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1, name="Deliveries")
        self.to_pick_up = page.get_by_role("region", name="To pick up")
        self.with_me = page.get_by_role("region", name="With you")
        self.delivered = page.get_by_role("region", name="Delivered").get_by_role("listitem")

    def open(self) -> CourierPage:
        self.page.goto("/courier")
        expect(self.heading).to_be_visible()
        expect(self.to_pick_up).to_be_visible()
        return self

    def waiting(self, order_id: str) -> Locator:
        """The card of an order that waits at its restaurant; the end of its number is on it."""
        return self.to_pick_up.locator(card(order_id)).filter(has_text=order_id[-4:].upper())

    def carried(self, order_id: str) -> Locator:
        """The card of an order that the courier has."""
        return self.with_me.locator(card(order_id)).filter(has_text=order_id[-4:].upper())

    def brought(self, order_id: str) -> Locator:
        """The line of an order that was delivered."""
        return self.delivered.filter(has_text=order_id[-4:].upper())

    def pick_up(self, order_id: str) -> None:
        self.waiting(order_id).get_by_role("button", name="Picked up").click()

    def deliver(self, order_id: str) -> None:
        self.carried(order_id).get_by_role("button", name="Delivered").click()


class TrackPage:
    """Where one order is."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.main = page.get_by_role("main")
        self.step = self.main.locator("[aria-current=step]")
        self.all = self.main.get_by_role("listitem")
        self.why = self.main.get_by_role("status").filter(has_text="It will not come")

    def open(self, order_id: str = "") -> TrackPage:
        self.page.goto(f"/track/{order_id}" if order_id else "/track")
        return self


class ActivityPage:
    """What waits to be sent, and what came."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.heading = page.get_by_role("heading", level=1, name="Waiting and messages")
        self.waiting = page.get_by_role("region", name="Waiting to be sent")
        self.messages = page.get_by_role("region", name="Messages", exact=True)

    def open(self) -> ActivityPage:
        self.page.goto("/activity")
        expect(self.heading).to_be_visible()
        return self


def card(order_id: str) -> str:
    """What selects the card of an order, whose heading is named by the whole number: two may end alike."""
    return f"article[aria-labelledby$='{order_id}']"


def basket_indicator(page: Page) -> Locator:
    """The little basket at the end of the top bar."""
    return page.get_by_role("banner").get_by_role("link", name="Basket,")

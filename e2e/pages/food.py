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
        self.place_order.click()
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Order from")
        return self.page.url.rpartition("/")[2]


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


def basket_indicator(page: Page) -> Locator:
    """The little basket at the end of the top bar."""
    return page.get_by_role("banner").get_by_role("link", name="Basket,")

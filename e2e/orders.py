"""Orders, placed as people place them."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import Page

from e2e.api import Api
from e2e.pages.food import BasketPage, RestaurantPage


def order_from(page: Page, slug: str) -> str:
    """Order one dish of a restaurant and return the order's id; what else was in the basket is given up."""
    Api(page).graphql("mutation { clearBasket { count } }", key=str(uuid4()))
    RestaurantPage(page).open(slug).add_first_dish()
    return BasketPage(page).open().order()


def order_from_mario(page: Page) -> str:
    """Order one dish of the restaurant whose cook is Mario."""
    return order_from(page, "da-mario")

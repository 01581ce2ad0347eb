"""What a page shows before its data are there, where they cannot be had, and while an answer is awaited.

People may look at any of these for a while: axe finds nothing in them, and nothing is claimed that is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from e2e.axe import check
from e2e.orders import order_from_mario
from e2e.pages.food import KitchenPage, card
from e2e.stack import ROOT
from e2e.tests.conftest import NewPerson
from e2e.tests.test_accessibility import LOOKS
from e2e.tests.test_arabic import TEXTS
from e2e.views import ARABIC, ENGLISH, basket, restaurants

DATA = re.compile(r"/api/|/auth/audit")
"""What the pages' contents come from."""
PAGES: dict[str, Sequence[str]] = {
    "Ada Lovelace": [
        "/",
        "/restaurants/da-mario",
        "/restaurants/da-mario/reviews",
        "/basket",
        "/orders",
        "/orders/0",
        "/track",
        "/track/0",
        "/receipts",
    ],
    "Mario Rossi": ["/kitchen"],
    "Karim Benali": ["/courier"],
    "Grace Hopper": ["/insights"],
    "Noor Haddad": ["/audit"],
}
WAYS: dict[str, dict[str, Any]] = {
    "phone, light, en": {**LOOKS["phone, light"], "locale": "en"},
    "desktop, dark, ar": {**LOOKS["desktop, dark"], "locale": "ar"},
}
CLAIMS: dict[str, Sequence[str]] = {
    "archive": ["nothing"],
    "audit": ["nothing"],
    "checkout": ["basketEmpty", "emptyTitle", "noOrders", "noSuchOrder"],
    "courier": ["nothing"],
    "insights": ["noneCancelled"],
    "kitchen": ["nothing"],
    "menu": ["nothing", "missing"],
    "ratings": ["nobody"],
    "tracking": ["nothing", "unknown"],
}
"""By app, what it says of its data when there are none."""


def claims(locale: str) -> set[str]:
    """The same, in words."""
    found = set()
    for app, keys in CLAIMS.items():
        catalogue = (ROOT / f"microapps/{app}/src/messages/{locale}.ts").read_text()
        for key in keys:
            words = re.search(rf"^  {key}: '([^']+)'", catalogue, re.MULTILINE)
            assert words, f"{app} has no {key} in {locale}"
            found.add(words[1])
    return found


@contextmanager
def unanswered(page: Page) -> Iterator[None]:
    """Whoever asks for data waits."""

    def hold(_route: Route) -> None:
        """Not even a refusal comes back."""

    page.context.route(DATA, hold)
    yield
    page.context.unroute(DATA, hold)


def check_moment(page: Page, locale: str) -> None:
    """It can be used by everyone, and claims nothing."""
    assert claims(locale).intersection(page.evaluate(TEXTS)) == set()
    check(page)


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize("name", PAGES)
def test_before_its_data_are_there_a_page_claims_nothing(person: NewPerson, name: str, way: str) -> None:
    page = person(name, **WAYS[way])
    with unanswered(page):
        for path in PAGES[name]:
            with page.expect_request(DATA):
                page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            check_moment(page, WAYS[way]["locale"])


@pytest.mark.parametrize("way", sorted(WAYS))
@pytest.mark.parametrize("name", PAGES)
def test_where_its_data_cannot_be_had_a_page_says_so_and_claims_nothing(person: NewPerson, name: str, way: str) -> None:
    page = person(name, **WAYS[way])
    page.context.route(DATA, lambda route: route.abort())
    for path in PAGES[name]:
        page.goto(path)
        main = page.get_by_role("main")
        said = main.get_by_role("alert").or_(main.locator(".audit__says"))
        expect(said.filter(has_text=re.compile(r"\S")).first).to_be_visible()
        expect(page.locator(".p-skeleton")).to_have_count(0)
        check_moment(page, WAYS[way]["locale"])


@pytest.mark.parametrize("way", sorted(WAYS))
def test_while_an_answer_is_awaited_a_page_can_be_used(person: NewPerson, way: str) -> None:
    """Restaurants that are searched, a basket that was changed, a step of the kitchen and one of the courier."""
    words = ENGLISH if WAYS[way]["locale"] == "en" else ARABIC
    page = person("Ada Lovelace", **WAYS[way])
    restaurants(page, words)
    with unanswered(page):
        page.get_by_role("searchbox").fill("noodles")
        expect(page.locator(".menu-cards[data-stale]")).to_be_visible()
        check(page)

    basket(page, words)
    with unanswered(page):
        page.get_by_role("main").get_by_role("group").get_by_role("button").last.click()
        expect(page.locator(".co-amount[data-stale]").first).to_be_visible()
        check(page)

    customer = person("Ada Lovelace")
    order, ready = (order_from_mario(customer) for _ in range(2))
    kitchen = person("Mario Rossi", **WAYS[way])
    kitchen.goto("/kitchen")
    task = kitchen.locator(card(order))
    expect(task).to_be_visible()
    with unanswered(kitchen):
        task.get_by_role("button").first.click()
        expect(task.locator(".kitchen-task__pending")).to_be_visible()
        check(kitchen)

    cook = KitchenPage(person("Mario Rossi")).open()
    cook.accept(ready)
    cook.ready(ready)
    courier = person("Karim Benali", **WAYS[way])
    courier.goto("/courier")
    job = courier.locator(card(ready))
    expect(job).to_be_visible()
    with unanswered(courier):
        job.get_by_role("button").click()
        expect(job.locator(".courier-job__pending")).to_be_visible()
        check(courier)

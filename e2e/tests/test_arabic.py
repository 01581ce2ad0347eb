"""Every view in Arabic, from right to left: nothing is said in English, axe finds nothing, nothing sticks out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from e2e.axe import check
from e2e.orders import order_from_mario
from e2e.pages.food import KitchenPage, card
from e2e.stack import ROOT, Stack
from e2e.tests.conftest import NewContext, NewPerson
from e2e.views import ARABIC, VIEWS, activity, headed

LOOKS: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 320, "height": 640}},
    "desktop, dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [...document.querySelectorAll('[aria-label], [placeholder], [title]')]
    .flatMap((element) => [element.ariaLabel, element.placeholder, element.title]);
  while (walker.nextNode()) texts.push(walker.currentNode.data);
  return texts.filter(Boolean).map((text) => text.trim());
}"""


def sentences_of(file: Path) -> set[str]:
    """The values of a catalogue's members, those without places."""
    return {text for text in re.findall(r"'((?:[^'\\]|\\.)*)'", file.read_text()) if " " in text and "{" not in text}


ENGLISH = {
    sentence
    for pattern in ("microapps/*/src/messages/en.ts", "host/client/sdk/offline/words/en.ts")
    for file in ROOT.glob(pattern)
    for sentence in sentences_of(file)
}


def check_arabic(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert [text for text in page.evaluate(TEXTS) if text in ENGLISH] == []
    check(page)


def cut_off(page: Page) -> None:
    """Without a network, which the line at the foot says."""
    activity(page, ARABIC)
    page.context.set_offline(True)
    page.get_by_role("banner").get_by_role("link", name="السلة").first.click()
    expect(page.locator("portico-status")).to_contain_text("لا يوجد اتصال")


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_every_view_of_a_signed_in_person_is_arabic(person: NewPerson, look: str) -> None:
    page = person("Ada Lovelace", locale="ar-EG", **LOOKS[look])
    for show in VIEWS:
        show(page, ARABIC)
        check_arabic(page)
    cut_off(page)
    check_arabic(page)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_the_kitchen_is_arabic(person: NewPerson, look: str) -> None:
    customer = person("Ada Lovelace")
    order_from_mario(customer)
    page = person("Mario Rossi", locale="ar-EG", **LOOKS[look])
    headed(page, "/kitchen", "المطبخ")
    accept = page.get_by_role("button", name="قبول").first
    expect(accept).to_be_visible()  # the word of the order goes from service to service
    accept.click()
    expect(page.get_by_role("main").get_by_text("مقبول").first).to_be_visible()
    check_arabic(page)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_deliveries_and_rating_one_are_arabic(person: NewPerson, look: str) -> None:
    """An order on its way, as its courier sees it; and what its customer is asked once it has arrived."""
    customer = person("Ada Lovelace")
    number = order_from_mario(customer)
    cook = KitchenPage(person("Mario Rossi")).open()
    cook.accept(number)
    cook.ready(number)
    page = person("Karim Benali", locale="ar-EG", **LOOKS[look])
    headed(page, "/courier", "التوصيل")
    check_arabic(page)
    for step in ("تم الاستلام", "تم التوصيل"):
        page.locator(card(number)).get_by_role("button", name=step).click()
    expect(page.get_by_role("region", name="تم توصيله").get_by_text(number[-4:].upper(), exact=True)).to_be_visible()
    check_arabic(page)
    page = person("Ada Lovelace", locale="ar-EG", **LOOKS[look])
    page.goto(f"/track/{number}")
    expect(page.get_by_role("form", name="كيف كان؟")).to_be_visible()
    check_arabic(page)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_insights_are_arabic(person: NewPerson, look: str) -> None:
    page = person("Grace Hopper", locale="ar-EG", **LOOKS[look])
    headed(page, "/insights", "نظرة عامة")
    expect(page.get_by_role("main").locator("canvas[width]").first).to_be_attached()
    check_arabic(page)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_the_audit_is_arabic(person: NewPerson, look: str) -> None:
    page = person("Noor Haddad", locale="ar-EG", **LOOKS[look])
    headed(page, "/audit", "سجل التدقيق")
    expect(page.get_by_role("status").filter(has_text="قيد")).to_be_visible()
    check_arabic(page)


@pytest.mark.parametrize("look", sorted(LOOKS))
def test_what_a_stranger_sees_is_arabic(stack: Stack, new_context: NewContext, look: str) -> None:
    page = new_context(stack.url, locale="ar-EG", **LOOKS[look]).new_page()
    for path in ("/", "/orders", "/activity", "/nowhere"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        check_arabic(page)
    assert page.title().startswith("Portico")

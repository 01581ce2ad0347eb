"""The views of a signed-in person, in the languages that they are looked at in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Page, expect

from e2e.api import SUBMIT, Api


@dataclass(frozen=True)
class Words:
    """What the views are known by, in one language."""

    hungry: str
    restaurants: str
    how_many: re.Pattern[str]
    add: str
    basket: str
    place_order: str
    empty_basket: str
    orders: str
    order_from: str
    on_the_way: str
    steps: str
    no_such_order: str
    reviews: str
    receipts: str
    activity: str
    nothing_waits: str
    sessions: str
    refused: str
    nowhere: str


ENGLISH = Words(
    hungry="What are you hungry for?",
    restaurants="Restaurants",
    how_many=re.compile("restaurant"),
    add="Add",
    basket="Your basket",
    place_order="Place order",
    empty_basket="Your basket is empty",
    orders="My orders",
    order_from="Order from",
    on_the_way="On the way",
    steps="Steps",
    no_such_order="There is no such order",
    reviews="What people say",
    receipts="Receipts",
    activity="Waiting and messages",
    nothing_waits="Nothing waits. Everything you did has been sent.",
    sessions="Where you are signed in",
    refused="This page is not open to you",
    nowhere="There is no page here",
)
ARABIC = Words(
    hungry="ماذا تشتهي؟",
    restaurants="المطاعم",
    how_many=re.compile("مطعم|المطاعم"),
    add="أضف",
    basket="سلتك",
    place_order="إرسال الطلب",
    empty_basket="سلتك فارغة",
    orders="طلباتي",
    order_from="طلب من",
    on_the_way="في الطريق",
    steps="المراحل",
    no_such_order="لا يوجد طلب كهذا",
    reviews="ماذا يقول الناس",
    receipts="الإيصالات",
    activity="قيد الانتظار والرسائل",
    nothing_waits="لا شيء ينتظر. أُرسل كل ما فعلته.",
    sessions="أين سجّلت الدخول",
    refused="هذه الصفحة غير متاحة لك",
    nowhere="لا توجد صفحة هنا",
)


def headed(page: Page, path: str, heading: str) -> None:
    page.goto(path)
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    expect(page.locator(".p-skeleton")).to_have_count(0)


def restaurants(page: Page, words: Words) -> None:
    headed(page, "/", words.hungry)
    found = page.get_by_role("region", name=words.restaurants)
    expect(found.get_by_role("link").first).to_be_visible()
    expect(found.get_by_role("status")).to_contain_text(words.how_many)


def restaurant(page: Page, words: Words) -> None:
    restaurants(page, words)
    page.get_by_role("region", name=words.restaurants).get_by_role("link").first.click()
    expect(page.get_by_role("main").get_by_role("button", name=words.add).first).to_be_visible()


def basket(page: Page, words: Words) -> None:
    Api(page).fill_basket()
    headed(page, "/basket", words.basket)
    expect(page.get_by_role("button", name=words.place_order)).to_be_visible()


def empty_basket(page: Page, words: Words) -> None:
    Api(page).graphql("mutation { clearBasket { count } }", key=str(uuid4()))
    headed(page, "/basket", words.empty_basket)


def orders(page: Page, words: Words) -> None:
    Api(page).graphql(SUBMIT, {"input": Api(page).fill_basket()}, key=str(uuid4()))
    headed(page, "/orders", words.orders)
    expect(page.get_by_role("main").get_by_role("article").first).to_be_visible()


def order(page: Page, words: Words) -> None:
    orders(page, words)
    page.get_by_role("main").get_by_role("article").first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(words.order_from)


def deliveries(page: Page, words: Words) -> None:
    orders(page, words)
    headed(page, "/track", words.on_the_way)
    expect(page.get_by_role("main").get_by_role("article").first).to_be_visible()


def delivery(page: Page, words: Words) -> None:
    deliveries(page, words)
    page.get_by_role("main").get_by_role("article").first.get_by_role("link").click()
    expect(page.get_by_role("list", name=words.steps)).to_be_visible()
    expect(page.get_by_role("main").locator("[aria-current=step]")).to_be_visible()


def no_delivery(page: Page, words: Words) -> None:
    headed(page, "/track/0", words.no_such_order)


def reviews(page: Page, words: Words) -> None:
    headed(page, "/restaurants/da-mario/reviews", words.reviews)
    expect(page.get_by_role("main").get_by_role("listitem").first).to_be_visible()


def receipts(page: Page, words: Words) -> None:
    headed(page, "/receipts", words.receipts)
    expect(page.get_by_role("table").get_by_role("button").first).to_be_visible()


def activity(page: Page, words: Words) -> None:
    headed(page, "/activity", words.activity)
    expect(page.get_by_text(words.nothing_waits)).to_be_visible()


def sessions(page: Page, words: Words) -> None:
    headed(page, "/auth/sessions", words.sessions)


def refused(page: Page, words: Words) -> None:
    headed(page, "/audit", words.refused)


def lost(page: Page, words: Words) -> None:
    headed(page, "/no/such/page", words.nowhere)


VIEWS: list[Callable[[Page, Words], None]] = [
    restaurants,
    restaurant,
    basket,
    empty_basket,
    orders,
    order,
    deliveries,
    delivery,
    no_delivery,
    reviews,
    receipts,
    lost,
    activity,
    sessions,
    refused,
]
"""All that can be shown with a connection, one after the other."""

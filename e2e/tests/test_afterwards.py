"""After the meal: one rating, seen by everybody; a receipt for who ordered; numbers for who cooked."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from e2e.api import Api
from e2e.axe import check
from e2e.orders import order_from_mario
from e2e.pages.afterwards import InsightsPage, RatingOfAnOrder, ReceiptsPage, ReviewsPage
from e2e.pages.food import CourierPage, KitchenPage, TrackPage
from e2e.patience import until
from e2e.tests.conftest import NewPerson
from e2e.tests.test_accessibility import LOOKS


def test_an_order_that_has_arrived_is_rated_once_and_filed_and_counted(person: NewPerson) -> None:
    """Ada rates on the page where she followed her order; menu, archive and insights hear of it by themselves."""
    mario = person("Mario Rossi")
    before = InsightsPage(mario).open().orders()
    ada = person("Ada Lovelace")
    order = order_from_mario(ada)
    rating = RatingOfAnOrder(ada)
    TrackPage(ada).open(order)
    expect(rating.form).to_have_count(0)
    kitchen = KitchenPage(mario).open()
    kitchen.accept(order)
    kitchen.ready(order)
    courier = CourierPage(person("Karim Benali")).open()
    courier.pick_up(order)
    courier.deliver(order)

    expect(rating.form).to_be_visible()
    rating.rate(3, "The crust was lovely, the rider soaked.")
    expect(rating.given).to_contain_text("The crust was lovely, the rider soaked.")
    ada.reload()
    expect(rating.given).to_be_visible()
    expect(rating.form).to_have_count(0)

    # The pages below are read once, and may be open before the word of it has gone from service to service.
    api = Api(ada)
    until(lambda: stars(api, "da-mario") == 45, "the menu has heard of the rating")
    alan = person("Alan Turing")
    reviews = ReviewsPage(alan).open("da-mario").reviews
    expect(reviews).to_contain_text("4.5 of 5, from 6 ratings")
    expect(reviews).to_contain_text("The crust was lovely, the rider soaked.")
    expect(alan.get_by_role("main")).to_contain_text("Rated 4.5 of 5")

    until(lambda: filed(api, order) != "", "the receipt is filed")
    receipts = ReceiptsPage(ada).open()
    receipt = receipts.row(filed(api, order))
    expect(receipt).to_contain_text("Da Mario")
    document = receipts.download(receipt)
    assert document.suggested_filename == f"receipt-{order}.pdf"
    assert Path(document.path()).read_bytes().startswith(b"%PDF-")
    until(lambda: InsightsPage(mario).open().orders() == before + 1, "insights count the order, once")


def stars(api: Api, restaurant: str) -> int:
    """How the menu says that a restaurant is rated, in tenths."""
    return int(api.get(f"/menu/restaurants/{restaurant}").json()["rating"])


def filed(api: Api, order: str) -> str:
    """When an order was placed, as its receipt says; nothing until the document can be had."""
    items = api.get("/archive/receipts").json()["items"]
    return next((str(one["placedAt"]) for one in items if one["id"] == order and one["filed"]), "")


def test_insights_are_for_cooks_and_operators_and_show_what_is_theirs(person: NewPerson) -> None:
    grace = InsightsPage(person("Grace Hopper")).open()
    everything = grace.orders()
    expect(grace.charts).to_have_count(5)
    grace.page.get_by_label("Restaurant").select_option("Chez Odile")
    expect(grace.total.get_by_role("definition").first).not_to_have_text(str(everything))
    odile = InsightsPage(person("Odile Martin")).open()
    expect(odile.page.get_by_label("Restaurant")).to_have_count(0)
    assert 0 < odile.orders() < everything
    answer = person("Ada Lovelace").goto("/insights")
    assert answer is not None
    assert answer.status == 403


def test_an_auditor_sees_everybodys_receipts_and_a_person_their_own(person: NewPerson) -> None:
    noor = ReceiptsPage(person("Noor Haddad")).open()
    expect(noor.page.get_by_role("columnheader", name="Customer")).to_be_visible()
    expect(noor.page.get_by_role("cell", name="alan", exact=True).first).to_be_visible()
    ada = ReceiptsPage(person("Ada Lovelace")).open()
    expect(ada.page.get_by_role("columnheader", name="Customer")).to_have_count(0)


@pytest.mark.parametrize("look", sorted(LOOKS))
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_the_pages_have_no_axe_violation(person: NewPerson, look: str, locale: str) -> None:
    options = {**LOOKS[look], "locale": locale}
    grace = person("Grace Hopper", **options)
    for path in ("/insights", "/receipts", "/restaurants/da-mario"):
        grace.goto(path)
        if path == "/insights":
            expect(grace.locator("canvas")).to_have_count(5)
            grace.locator("summary").first.click()
        expect(grace.get_by_role("heading", level=1)).to_be_visible()
        check(grace)
    ada = person("Ada Lovelace", **options)
    ada.goto("/receipts")
    expect(ada.get_by_role("table")).to_be_visible()
    check(ada)

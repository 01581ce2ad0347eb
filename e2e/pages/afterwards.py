"""What comes after an order: its rating, its receipt, and the numbers of a restaurant."""

from __future__ import annotations

from playwright.sync_api import Download, Locator, Page, expect


class RatingOfAnOrder:
    """The parcel in tracking."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.form = page.get_by_role("form", name="How was it?")
        self.given = page.get_by_role("region", name="Your rating")

    def rate(self, stars: int, words: str) -> None:
        self.form.get_by_role("radio", name=f"{stars} of 5 stars").check()
        self.form.get_by_role("textbox").fill(words)
        self.form.get_by_role("button", name="Send the rating").click()


class ReviewsPage:
    """A restaurant in the menu, with the parcel of ratings in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.reviews = page.get_by_role("region", name="What people say")

    def open(self, slug: str) -> ReviewsPage:
        self.page.goto(f"/restaurants/{slug}")
        expect(self.reviews).to_be_visible()
        return self


class InsightsPage:
    """How a restaurant has done."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.total = page.get_by_role("region", name="Altogether")
        self.charts = page.locator("canvas")

    def open(self) -> InsightsPage:
        self.page.goto("/insights")
        expect(self.total).to_be_visible()
        return self

    def orders(self) -> int:
        return int(self.total.get_by_role("definition").first.inner_text())


class ReceiptsPage:
    """Documents of orders that are over."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.rows = page.get_by_role("row")
        self.downloads = page.get_by_role("button", name="Download the receipt")

    def open(self) -> ReceiptsPage:
        self.page.goto("/receipts")
        expect(self.downloads.first).to_be_visible()
        return self

    def row(self, placed_at: str) -> Locator:
        """The receipt of an order, known by when it was placed."""
        return self.rows.filter(has=self.page.locator(f"time[datetime='{placed_at}']"))

    def download(self, receipt: Locator) -> Download:
        with self.page.expect_download() as download:
            receipt.get_by_role("button", name="Download the receipt").click()
        return download.value

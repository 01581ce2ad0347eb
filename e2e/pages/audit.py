"""The auditors' page."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class AuditPage:
    """Who did what, from every app and the host."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.rows = page.get_by_role("region", name="Entries").locator("tbody").get_by_role("row")
        self.says = page.get_by_role("main").get_by_role("status")
        self.export = page.get_by_role("button", name="Export as CSV")
        self.older = page.get_by_role("button", name="Show older")

    def look_for(self, **fields: str) -> AuditPage:
        """Fill in the form (`who`, `outcome`, ...) and have it shown."""
        labels = {"who": "Who", "entity": "Which entity", "kind": "Kind"}
        for name, value in fields.items():
            if name in labels:
                self.page.get_by_label(labels[name], exact=True).fill(value)
            else:
                self.page.get_by_label(name.title(), exact=True).select_option(value)
        self.page.get_by_role("button", name="Show", exact=True).click()
        return self

    def row(self, *words: str) -> Locator:
        """The rows in which all of these stand."""
        found = self.rows
        for word in words:
            found = found.filter(has_text=word)
        return found

    def settled(self) -> AuditPage:
        """Wait until what was asked for is there."""
        expect(self.says).to_contain_text("entr")
        return self

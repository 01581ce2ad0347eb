"""The shell around every app."""

from __future__ import annotations

from playwright.sync_api import Page


class Shell:
    """The top bar, and what the shell says when an app fails."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.navigation = page.get_by_role("navigation", name="Main")
        self.main = page.get_by_role("main")
        self.sign_out = page.get_by_role("button", name="Sign out")
        self.sign_in = page.get_by_role("banner").get_by_role("link", name="Sign in")
        self.newer_version = page.get_by_role("status").filter(has_text="There is a newer version of what you see")
        self.try_again = self.main.get_by_role("button", name="Try again")

    def go(self, entry: str) -> None:
        """Follow an entry of the menu bar."""
        self.navigation.get_by_role("link", name=entry).click()

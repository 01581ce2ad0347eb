"""The development provider's page, on which a person picks who to be."""

from __future__ import annotations

from playwright.sync_api import Page, expect


class SignInPage:
    """From the shell to the provider and back."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def sign_in(self, name: str, *, path: str = "/") -> None:
        """Sign in as the person with this name, and wait until the shell says who is there."""
        self.page.goto(f"/auth/sign-in?return_to={path}")
        self.page.get_by_role("button", name=name).click()
        expect(self.page.get_by_role("banner")).to_contain_text(name)

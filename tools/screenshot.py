"""Makes the README's pictures from a platform of its own: `make screenshot`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, expect, sync_playwright

from e2e.pages.food import RestaurantsPage
from e2e.pages.provider import SignInPage
from e2e.stack import ROOT, Stack, browser_arguments
from tools.browser import installed

FOLDER = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 800}
LOOKS: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main() -> None:
    """Start, take each picture, stop."""
    executable = installed()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        stack = Stack(Path(folder) / "portico").start()
        browser = playwright.chromium.launch(executable_path=executable, args=list(browser_arguments()))
        try:
            for look in LOOKS:
                take(browser, stack, look)
        finally:
            browser.close()
            stack.stop()


def take(browser: Browser, stack: Stack, look: Literal["light", "dark"]) -> None:
    """The restaurants, as Ada sees them."""
    page = browser.new_context(base_url=stack.url, viewport=SIZE, color_scheme=look).new_page()  # type: ignore[arg-type]
    SignInPage(page).sign_in("Ada Lovelace")
    restaurants = RestaurantsPage(page).open()
    expect(restaurants.results.get_by_role("link").first).to_be_visible()
    page.screenshot(path=FOLDER / f"restaurants-{look}.png", animations="disabled")


if __name__ == "__main__":
    main()

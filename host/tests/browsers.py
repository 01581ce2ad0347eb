"""A real browser for a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from e2e.stack import browser_arguments


@asynccontextmanager
async def launched(path: str | None) -> AsyncIterator[Browser]:
    """Chromium at `path` without a window; closed at the end."""
    assert path is not None, "no Chromium: run `make test`, which gets one"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(browser_arguments()))
        yield browser
        await browser.close()

"""Style isolation in a real browser: what an app's sheet says reaches its own root and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import Page, expect

from host.tests.conftest import OpenSite
from host.tests.runtime_site import FixtureApp, sources

pytestmark = pytest.mark.asyncio(loop_scope="session")

# Every computed property of every element outside `own`, in document order. The app's slot is taken out of the layout:
# how large it is would move the others.
COMPUTED = """(own) => {
  const slot = document.querySelector(own).parentElement;
  slot.style.cssText = 'position: fixed; inset: 0 auto auto 0; width: 9rem; height: 9rem';
  return [...document.querySelectorAll('html, body, body *')]
    .filter((element) => !element.closest(own))
    .map((element) => [
      element.localName,
      [...getComputedStyle(element)].map((name) => `${name}: ${getComputedStyle(element)[name]}`),
    ]);
}"""
WITHOUT_SHEETS = """(own) => {
  document.adoptedStyleSheets = [];
  const { shadowRoot } = document.querySelector(own);
  if (shadowRoot) shadowRoot.adoptedStyleSheets = [];
}"""
ROOT_OF_RUDE = "[data-app='@site/rude']"


def _apps(**rude: Any) -> list[FixtureApp]:
    return [
        FixtureApp("@site/bar", [("/*", None)], sources("bar.js"), slots=("header",)),
        FixtureApp("@site/start", [("/", "Start")], sources("start.js")),
        FixtureApp(
            "@site/rude",
            [("/", None)],
            sources("rude.js", "rude.css"),
            slots=("tools",),
            styles=("rude.css",),
            more=rude,
        ),
    ]


@pytest.mark.parametrize("more", [{}, {"isolation": "shadow"}])
async def test_a_rude_style_sheet_changes_nothing_of_the_shell_and_of_other_apps(
    page: Page, open_site: OpenSite, more: dict[str, Any]
) -> None:
    await page.goto(open_site(apps=_apps(**more)).url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    rude = page.get_by_role("button", name="Rude button")
    await expect(rude).to_have_css("color", "rgb(200, 0, 0)")
    await expect(rude).to_have_css("background-color", "rgb(0, 200, 0)")
    await expect(page.locator(".p-visually-hidden")).to_be_attached()  # the last that comes into the page by itself
    beside = await page.evaluate(COMPUTED, ROOT_OF_RUDE)
    await page.evaluate(WITHOUT_SHEETS, ROOT_OF_RUDE)
    await expect(rude).not_to_have_css("color", "rgb(200, 0, 0)")
    alone = await page.evaluate(COMPUTED, ROOT_OF_RUDE)
    assert len(alone) > 20
    computed = [pair for one, other in zip(beside, alone, strict=True) for pair in zip(one[1], other[1], strict=True)]
    assert [pair for pair in computed if pair[0] != pair[1]] == []


async def test_an_app_that_wants_no_isolation_reaches_the_page(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site(apps=_apps(isolation="none")).url)
    await expect(page.locator("portico-slot[name=header] strong")).to_have_css("letter-spacing", "5px")


@pytest.mark.parametrize("more", [{}, {"isolation": "shadow"}])
async def test_the_apps_root_stands_for_the_documents_and_addresses_are_the_sheets_own(
    page: Page, open_site: OpenSite, more: dict[str, Any]
) -> None:
    site = open_site(apps=_apps(**more))
    await page.goto(site.url)
    box = page.get_by_text("Pictured")
    await expect(box).to_have_css("background-image", f'url("{site.url}/a/rude/0123/pixel.svg")')
    await expect(page.locator(ROOT_OF_RUDE)).to_have_css("outline-color", "rgb(9, 8, 7)")
    names = "(element) => getComputedStyle(element).getPropertyValue('--rude')"
    assert await box.evaluate(names) == "rgb(9, 8, 7)"
    running = "(element) => element.getAnimations().map(({ animationName }) => animationName)"
    assert await page.get_by_role("button", name="Rude button").evaluate(running) == ["rude"]


async def test_tokens_of_the_shell_are_inherited_into_a_shadow_root(page: Page, open_site: OpenSite) -> None:
    await page.goto(open_site(apps=_apps(isolation="shadow")).url)
    heading = page.get_by_role("heading", name="Rude")
    assert await heading.evaluate("(element) => element.getRootNode() instanceof ShadowRoot")
    token = "(element) => getComputedStyle(element).getPropertyValue('--p-accent')"
    assert await heading.evaluate(token) == await page.locator("body").evaluate(token) != ""

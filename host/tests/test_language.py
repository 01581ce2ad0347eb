"""The page's language: what the person has set goes before what the browser asks for."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from host.tests.axe import violations
from host.tests.rollout_world import RolloutWorld, rollout_world
from host.tests.runtime_site import ROOT
from portico.host import shell
from portico.host.arabic import ARABIC, PLAIN, RUNTIME
from portico.host.language import language_of
from portico.host.session.browsers import UNKNOWN

SHELL = Path(shell.__file__).parent


@pytest.mark.parametrize(
    ("cookies", "accept", "tag"),
    [
        ("", "", "en"),
        ("", "ar", "ar"),
        ("", "ar-EG,ar;q=0.9,en;q=0.8", "ar"),
        ("", "de, en;q=0.5, ar;q=0.7", "ar"),
        ("", "ar;q=0, en;q=0.1", "en"),
        ("", "fr, *;q=0.1", "en"),
        ("portico_locale=ar; other=1", "en", "ar"),
        ("portico_locale=en", "ar", "en"),
        ("portico_locale=fr", "ar", "ar"),
        ("portico_locale=", "ar", "ar"),
        ("a=b=c; ;;=; portico_locale", "ar;q=x, en;q=, ,;;", "en"),
        ("", "x" * 100_000 + ",ar", "en"),
        ('portico_locale="ar"', "", "ar"),
        # Whoever takes them apart as `http.cookies` did needs hours for these.
        ('portico_locale="' + '\\"' * 500_000 + '"', "ar", "ar"),
        ('a="' + "\\" * 1_000_000 + '"; portico_locale=ar', "", "ar"),
    ],
)
def test_the_persons_own_setting_goes_before_what_the_browser_asks_for(cookies: str, accept: str, tag: str) -> None:
    assert language_of(cookies, accept).tag == tag


def test_everything_that_the_shell_says_is_there_in_arabic() -> None:
    """What stands in the template, and the sentences of its messages."""
    template = (SHELL / "templates/index.html.j2").read_text()
    said = set(re.findall(r"language\.say\('([^']+)'\)", template))
    sources = (SHELL / "shell.py").read_text() + (SHELL / "offline.py").read_text()
    messages = re.findall(r"Message\((.*?)\n\s*\)", sources, re.DOTALL)
    quoted = {text for message in messages for text in re.findall(r'[^f]"([A-Z][^"]+)"', message)}
    assert len(quoted) >= 10
    assert said | quoted == set(ARABIC)


def test_everything_that_pages_outside_the_shell_say_is_there_in_arabic() -> None:
    """What stands in their templates, and the sentences that are filled in."""
    templates = [SHELL / "session/templates", SHELL / "my_sessions/templates"]
    text = "".join(file.read_text() for folder in templates for file in folder.glob("*.j2"))
    said = set(re.findall(r"language\.say\('([^']+)'\)", text))
    sources = "".join((SHELL / file).read_text() for file in ("session/pages.py", "session/routes.py"))
    filled = set(re.findall(r'(?:_Notice\(\s*\d+, |onward_page\(request, |title=|text=|label=)"([^"]+)"', sources))
    filled |= set(re.findall(r'_Notice\(\s*\d+, "[^"]+",\s*"([^"]+)"', sources))
    assert len(said) >= 10
    assert len(filled) >= 10
    assert said | filled | {UNKNOWN} == set(PLAIN) | (said & set(ARABIC)) | (filled & set(ARABIC))


def test_everything_that_the_runtime_says_is_there_in_arabic() -> None:
    sources = "".join(file.read_text() for file in (ROOT / "host/client/runtime").glob("*.ts"))
    said = {text for call in re.findall(r"said\(([^)]*)\)", sources) for text in re.findall(r"'([^']+)'", call)}
    assert len(said) >= 10
    assert said == set(RUNTIME)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RolloutWorld]:
    """A host with the reference bar and the page of what waits, as they were built."""
    async with rollout_world(tmp_path_factory.mktemp("language")) as world:
        for app in ("nav", "activity"):
            built = ROOT / f"microapps/{app}/dist"
            await world.promote(await world.publish({file.name: file.read_text() for file in built.iterdir()}))
        yield world


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def arabic_page(chromium: Browser) -> AsyncIterator[Page]:
    """A page on a narrow phone whose browser asks for Arabic."""
    context = await chromium.new_context(locale="ar-EG", viewport={"width": 320, "height": 640})
    context.set_default_timeout(10_000)
    yield await context.new_page()
    await context.close()


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    ("path", "heading"), [("/nowhere", "لا توجد صفحة هنا"), ("/activity", "قيد الانتظار والرسائل")]
)
async def test_a_page_in_arabic_is_written_from_right_to_left(
    world: RolloutWorld, arabic_page: Page, path: str, heading: str
) -> None:
    """The shell, the bar and the view speak it, nothing sticks out at 320 px, and axe finds nothing."""
    page = arabic_page
    await page.goto(f"{world.url}{path}")
    await expect(page.locator("html")).to_have_attribute("dir", "rtl")
    await expect(page.locator("html")).to_have_attribute("lang", "ar")
    await expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    sign_in = page.get_by_role("banner").get_by_role("link", name="تسجيل الدخول")
    await expect(sign_in).to_be_visible()
    await expect(page.get_by_role("link", name="انتقل إلى المحتوى")).to_be_attached()
    brand, last = await page.locator(".nav__brand").bounding_box(), await sign_in.bounding_box()
    assert brand is not None
    assert last is not None
    assert brand["x"] > last["x"], "the brand begins the line, which is on the right"
    assert await violations(page) == []
    assert await page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.asyncio(loop_scope="session")
async def test_a_person_may_choose_another_language_than_their_browsers(world: RolloutWorld, arabic_page: Page) -> None:
    page = arabic_page
    await page.goto(f"{world.url}/nowhere")
    for tag, direction, heading in (("en", "ltr", "There is no page here"), (None, "rtl", "لا توجد صفحة هنا")):
        await page.evaluate("async (tag) => (await import('@portico/sdk/i18n')).setLocale(tag)", tag)
        await expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        await expect(page.locator("html")).to_have_attribute("dir", direction)

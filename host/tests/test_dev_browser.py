"""`portico dev` as its developer has it: a real host, the command beside it, and a browser that shows each change."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from host.tests.axe import violations
from host.tests.dev_world import BFF, COUNTER, GREETING, INDEX, STYLE, Dev, DevFolder, portico_dev
from host.tests.rollout_world import RolloutWorld, rollout_world
from host.tests.runtime_site import ROOT

PATIENCE_MS = 20_000
"""How long a Python process may take to start on a busy machine."""

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RolloutWorld]:
    async with rollout_world(tmp_path_factory.mktemp("host")) as world:
        await world.promote(await world.shop("1"))
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def folder(tmp_path: Path) -> DevFolder:
    return DevFolder.write(tmp_path)


@asynccontextmanager
async def at_work(
    world: RolloutWorld, folder: DevFolder, browser: Browser, *options: str
) -> AsyncIterator[tuple[Dev, Page]]:
    """The command, and a page in which its developer has taken the app over."""
    context = await browser.new_context()
    secret = await world.cookie("dora", "developer")
    await context.add_cookies([{"name": "portico", "value": secret, "url": world.url, "sameSite": "Strict"}])
    page = await context.new_page()
    with_bff = options or ("--bff", str(folder.bff))
    async with portico_dev(folder, world.url, *with_bff) as dev:
        await page.goto(await dev.address)
        await expect(page.get_by_role("heading", name="Use your own version of @team/shop?")).to_be_visible()
        if not options:
            await dev.says("serves at")
        await dev.says("^(built in|not built)")
        await page.get_by_role("button", name="Use my version").click()
        yield dev, page
        started = [urlsplit(line.rpartition(" ")[2]) for line in dev.lines if "serves at" in line]
    await context.close()
    for bff in started:
        with pytest.raises(ConnectionRefusedError):  # what the command started has ended with it
            await asyncio.open_connection(bff.hostname, bff.port)


async def test_who_does_not_want_it_finds_the_way_out_in_the_pages_own_colour(
    world: RolloutWorld, chromium: Browser
) -> None:
    """The browser's own blue is hard to read on the dark ground."""
    context = await chromium.new_context(color_scheme="dark")
    secret = await world.cookie("dora", "developer")
    await context.add_cookies([{"name": "portico", "value": secret, "url": world.url, "sameSite": "Strict"}])
    page = await context.new_page()
    await page.goto(f"{world.url}/_portico/dev?app=%40team%2Fshop&url=http%3A%2F%2F127.0.0.1%3A5999%2Fentry.js&to=%2F")
    colour = await page.get_by_text("For developers").evaluate("(badge) => getComputedStyle(badge).color")
    await expect(page.get_by_role("link", name="Leave everything as it is")).to_have_css("color", colour)
    await context.close()


async def test_a_change_is_in_the_page_without_a_reload_and_state_stays(
    world: RolloutWorld, folder: DevFolder, chromium: Browser
) -> None:
    async with at_work(world, folder, chromium) as (dev, page):
        heading = page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("Shop at work")
        await expect(page.get_by_text("BFF mine")).to_be_visible()
        await expect(page.get_by_text("your own version of @team/shop")).to_be_visible()
        await page.evaluate("() => { window.sameDocument = true; }")
        await page.get_by_role("button", name="Pressed 0").click()
        await page.get_by_role("checkbox", name="Open").check()
        await page.get_by_role("textbox", name="Search").fill("a lamp")

        folder.put("app/src/greeting.ts", GREETING.replace("at work", "again"))
        await expect(heading).to_have_text("Shop again")
        await expect(page.get_by_role("button", name="Pressed 1")).to_be_visible()
        await expect(page.get_by_role("textbox", name="Search")).to_be_focused()
        await expect(page.get_by_text("Searched for a lamp")).to_be_visible()
        await expect(page.get_by_role("checkbox", name="Open")).to_be_checked()

        await page.get_by_role("heading").evaluate("(heading) => { heading.dataset.kept = 'yes'; }")
        await expect(heading).to_have_css("color", "rgb(1, 2, 3)")
        folder.put("app/src/shop.css", STYLE.replace("1, 2, 3", "4, 5, 6"))
        await expect(heading).to_have_css("color", "rgb(4, 5, 6)")
        await expect(heading).to_have_attribute("data-kept", "yes")

        folder.put("bff/src/shop_bff.py", BFF.replace('"mine"', '"newer"'))
        await dev.says("the BFF runs anew")
        await expect(page.get_by_text("BFF newer")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_role("button", name="Pressed 1")).to_be_visible()
        assert await page.evaluate("() => window.sameDocument")
        assert len([line for line in dev.lines if line.startswith("built in")]) == 3


def notes_of(page: Page) -> list[str]:
    """What the console tells of the app; frameworks write there, too."""
    notes: list[str] = []
    page.on("console", lambda message: notes.append(message.text) if "@team/shop" in message.text else None)
    return notes


@pytest.mark.parametrize("ui", ["preact", "react"])
async def test_state_survives_an_edit_of_a_component(
    world: RolloutWorld, tmp_path: Path, chromium: Browser, ui: str
) -> None:
    folder = DevFolder.made_with(tmp_path, ui)
    async with at_work(world, folder, chromium, "--no-bff") as (dev, page):
        await dev.says("built in")
        notes = notes_of(page)
        heading = page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("Shop")
        await page.get_by_role("button", name="Pressed 0").click()
        await page.get_by_role("button", name="Pressed 1").click()

        folder.change("app/src/counter.tsx", "Pressed", "Pushed")
        await expect(page.get_by_role("button", name="Pushed 2")).to_be_visible()
        folder.change("app/src/view.tsx", "New note", "Newer note")
        await expect(page.get_by_text("Newer note")).to_be_visible()
        await page.get_by_role("button", name="Pushed 2").click()
        await expect(page.get_by_role("button", name="Pushed 3")).to_be_visible()
        assert notes == []

        # What mounts the app cannot be taken over: it is mounted anew, and goes on from there.
        for line in ("document.title += '!';", "document.title += '?';"):
            folder.put("app/src/index.tsx", f"{folder.text('app/src/index.tsx')}{line}\n")
            await expect(page.get_by_role("button", name="Pushed 0")).to_be_visible()
            await page.get_by_role("button", name="Pushed 0").click()
        why = "the change reaches src/index.tsx, which exports other things than components"
        assert notes == [f"@team/shop is mounted anew, its state with it: {why}."]
        folder.change("app/src/counter.tsx", "Pushed", "Touched")
        await expect(page.get_by_role("button", name="Touched 1")).to_be_visible()

        # A component that calls other hooks than before begins anew; its neighbours do not.
        await page.get_by_role("textbox").fill("kept")
        folder.change("app/src/counter.tsx", "useState(0);", "useState(0);\n  useState('more');")
        await expect(page.get_by_role("button", name="Touched 0")).to_be_visible()
        await expect(page.get_by_role("textbox")).to_have_value("kept")


async def test_without_the_packages_an_app_is_mounted_anew(
    world: RolloutWorld, tmp_path: Path, chromium: Browser
) -> None:
    folder = DevFolder.made_with(tmp_path, "react")
    modules = folder.app / "node_modules"
    modules.unlink()
    for path in [*(ROOT / "node_modules").glob("[!.@]*"), *(ROOT / "node_modules").glob("@*/*")]:
        if path.name != "react-refresh":
            target = modules / path.relative_to(ROOT / "node_modules")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(path.resolve())
    async with at_work(world, folder, chromium, "--no-bff") as (dev, page):
        await dev.says("built in")
        notes = notes_of(page)
        await page.get_by_role("button", name="Pressed 0").click()
        await expect(page.get_by_role("button", name="Pressed 1")).to_be_visible()
        for word in ("Pushed", "Touched"):
            folder.put("app/src/counter.tsx", COUNTER.replace("FRAMEWORK", "react").replace("Pressed", word))
            await expect(page.get_by_role("button", name=f"{word} 0")).to_be_visible()
        why = "install react-refresh (npm install --save-dev)"
        assert notes == [f"@team/shop is mounted anew, its state with it: {why}."]


async def test_what_is_wrong_is_said_in_the_page_until_it_is_mended(
    world: RolloutWorld, folder: DevFolder, chromium: Browser
) -> None:
    folder.put("app/src/greeting.ts", "export const greeting: string = ;\n")
    async with at_work(world, folder, chromium) as (_, page):
        panel = page.get_by_role("alert", name="@team/shop was not built")
        await expect(panel).to_contain_text("src/greeting.ts:1:33")
        await expect(panel).to_contain_text('Unexpected ";"')
        await expect(page.get_by_text("@team/shop has not been built yet.")).to_be_visible()

        folder.put("app/src/greeting.ts", GREETING)
        heading = page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("Shop at work")
        await expect(panel).to_have_count(0)

        folder.put(
            "app/src/index.ts", INDEX.replace("heading.textContent = greeting", "throw new Error('broken mount')")
        )
        await expect(page.get_by_role("alert", name="@team/shop failed")).to_contain_text("broken mount")
        folder.put("app/src/index.ts", INDEX)
        await expect(heading).to_have_text("Shop at work")
        await expect(page.get_by_role("alert")).to_have_count(0)

        folder.put("bff/src/shop_bff.py", "nonsense(\n")
        bff_panel = page.get_by_role("alert", name="The BFF of @team/shop does not start")
        await expect(bff_panel).to_contain_text("SyntaxError", timeout=PATIENCE_MS)
        await expect(heading).to_have_text("Shop at work")
        folder.put("bff/src/shop_bff.py", BFF.replace('"mine"', '"mended"'))
        await expect(page.get_by_text("BFF mended")).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.get_by_role("alert")).to_have_count(0)


async def test_the_question_and_the_panel_are_for_everybody(
    world: RolloutWorld, folder: DevFolder, chromium: Browser
) -> None:
    line = f"export const greeting: string = {'x' * 200} ;;; =\n"
    folder.put("app/src/greeting.ts", line)
    async with at_work(world, folder, chromium, "--no-bff") as (dev, page):
        await expect(page.get_by_role("alert", name="@team/shop was not built")).to_be_visible()
        for view in (page, await page.context.new_page()):
            if view is not page:
                await view.goto(await dev.address)
            assert await violations(view) == []
            await view.set_viewport_size({"width": 320, "height": 640})
            assert await view.evaluate("() => document.documentElement.scrollWidth") == 320
            if shots := os.environ.get("PORTICO_SHOTS"):
                await view.screenshot(path=f"{shots}/dev-{'page' if view is page else 'question'}.png")
        # Above the window is inside a picture of the whole page: the link is cut off there, not only moved.
        skip = page.get_by_role("link", name="Skip to content")
        await expect(skip).to_have_css("clip-path", "inset(50%)")
        await skip.focus()
        await expect(skip).to_have_css("clip-path", "none")
        await page.get_by_role("button", name="Close").click()
        await expect(page.get_by_role("alert")).to_have_count(0)


async def test_the_sources_are_what_a_debugger_shows(world: RolloutWorld, folder: DevFolder, chromium: Browser) -> None:
    async with at_work(world, folder, chromium) as (_, page):
        await expect(page.get_by_role("heading", level=1)).to_have_text("Shop at work")
        session = await page.context.new_cdp_session(page)
        scripts: list[dict[str, str]] = []

        def parsed(script: dict[str, str]) -> None:
            scripts.append(script)

        session.on("Debugger.scriptParsed", parsed)
        await session.send("Debugger.enable")
        [own] = [one for one in scripts if one["url"].endswith("/shop.js")]
        source_map = await page.evaluate(
            "async ([script, map]) => (await fetch(new URL(map, script))).json()", [own["url"], own["sourceMapURL"]]
        )
        sources = dict(zip(source_map["sources"], source_map["sourcesContent"], strict=True))
        assert sources["../src/greeting.ts"] == GREETING


async def test_a_page_goes_on_when_the_command_is_started_again(
    world: RolloutWorld, folder: DevFolder, chromium: Browser
) -> None:
    async with at_work(world, folder, chromium, "--no-bff") as (dev, page):
        heading = page.get_by_role("heading", level=1)
        await expect(heading).to_have_text("Shop at work")
        dev.process.terminate()
        await dev.process.wait()
        await page.reload()
        await expect(heading).to_have_text("Shop could not be opened")
        folder.put("app/src/greeting.ts", GREETING.replace("at work", "again"))
        async with portico_dev(folder, world.url, "--no-bff") as again:
            await again.says("built in")
            await page.get_by_role("button", name="Try again").click()
            await expect(heading).to_have_text("Shop again")

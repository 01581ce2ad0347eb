"""The developer overlay in a real host's page: who gets it, what it says, and that no page spoils it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from host.tests.axe import violations
from host.tests.offline_page import HELD_DATABASES
from host.tests.real_servers import free_ports, serving
from host.tests.rollout_world import OPERATOR, RolloutWorld, rollout_world

pytestmark = pytest.mark.asyncio(loop_scope="session")

KEY = "Control+Alt+KeyP"
TALK = """import { messages } from '@portico/sdk';
export async function mount({ domElement }) {
  const heading = document.createElement('h1');
  heading.textContent = 'Talk';
  const say = document.createElement('button');
  say.textContent = 'Say';
  say.onclick = () => messages.publish('thing.happened/1', { size: 7 });
  const fail = document.createElement('button');
  fail.textContent = 'Fail';
  fail.onclick = () => { throw new Error('the button is broken'); };
  domElement.append(heading, say, fail);
}
export async function unmount({ domElement }) { domElement.replaceChildren(); }
"""
BROKEN = "export async function mount() { throw new Error('no shelf'); }\nexport async function unmount() {}\n"

Visit = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RolloutWorld]:
    async with rollout_world(tmp_path_factory.mktemp("host")) as world:
        await world.promote(await world.shop("1"))
        for name, script in (("talk", TALK), ("broken", BROKEN)):
            route = {"path": f"/{name}", "access": "public", "title": name.title()}
            manifest = {"name": f"@team/{name}", "version": "3.1.0", "entry": f"{name}.js", "routes": [route]}
            await world.promote(await world.publish({"app.json": manifest, f"{name}.js": script}))
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def visit(world: RolloutWorld, chromium: Browser) -> AsyncIterator[Visit]:
    """A page at a path, of somebody with these roles."""
    async with AsyncExitStack() as stack:

        async def open_page(path: str = "/talk", *roles: str, **options: object) -> Page:
            context = await chromium.new_context(base_url=world.url, **options)  # type: ignore[arg-type]
            stack.push_async_callback(context.close)
            secret = await world.cookie("dora", *roles)
            await context.add_cookies([{"name": "portico", "value": secret, "url": world.url, "sameSite": "Strict"}])
            page = await context.new_page()
            page.set_default_timeout(10_000)
            await page.goto(path)
            return page

        yield open_page


def overlay(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Developer overlay")


async def opened(page: Page) -> Locator:
    """The overlay, asked for by the address, which waits for the page to be at rest."""
    await page.goto(f"{page.url}?portico-overlay")
    panel = overlay(page)
    await expect(panel).to_be_visible()
    return panel


async def test_a_key_opens_and_closes_it_and_the_focus_goes_there_and_back(visit: Visit) -> None:
    page = await visit("/talk", "developer")
    panel = await opened(page)
    say = page.get_by_role("button", name="Say")
    await say.focus()
    await page.keyboard.press(KEY)
    await expect(panel).to_have_count(0)
    await expect(say).to_be_focused()
    await page.keyboard.press(KEY)
    await expect(panel.get_by_role("tab", name="Apps")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(panel.get_by_role("tab", name="Log")).to_be_focused()
    await page.keyboard.press("End")
    await expect(panel.get_by_role("tab", name="Errors", selected=True)).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(panel.get_by_role("tab", name="Apps", selected=True)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)
    await expect(say).to_be_focused()
    assert await page.evaluate("() => sessionStorage.getItem('portico.overlay')") is None


async def test_nobody_but_a_developer_has_it(visit: Visit) -> None:
    page = await visit("/talk?portico-overlay", "operator")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # The module that listens to keys is there when the runtime has fetched what waits for the page to be at rest.
    async with page.expect_request("**/later.js"):
        await page.reload()
    await expect(page.get_by_role("heading", name="Talk")).to_be_visible()
    await page.evaluate("async () => { await import('@portico/runtime/later'); }")
    await page.keyboard.press(KEY)
    assert not [url for url in asked if "overlay.js" in url]
    await expect(overlay(page)).to_have_count(0)
    boot = json.loads(await page.locator("#portico-apps").text_content() or "")
    assert "developer" not in boot
    assert "@portico/runtime/overlay" not in (await page.locator("script[type=importmap]").text_content() or "")


async def test_it_names_versions_states_and_times_and_follows_them(visit: Visit) -> None:
    page = await visit("/talk", "developer")
    panel = await opened(page)
    talk = panel.get_by_role("listitem").filter(has=page.get_by_role("heading", name="@team/talk"))
    await expect(talk).to_contain_text("3.1.0 (")
    await expect(talk).to_contain_text("mounted")
    await expect(talk).to_contain_text("loaded in")
    shop = panel.get_by_role("listitem").filter(has=page.get_by_role("heading", name="@team/shop"))
    await expect(shop).to_contain_text("registered")
    await page.evaluate("() => navigation.navigate('/')")
    await expect(shop).to_contain_text("mounted")
    await expect(talk).to_contain_text("unmounted")


async def test_the_log_has_events_messages_and_errors_as_they_happen(visit: Visit) -> None:
    page = await visit("/talk", "developer")
    panel = await opened(page)
    await panel.get_by_role("tab", name="Log").click()
    await expect(panel.get_by_text("Nothing has happened")).to_be_visible()
    await page.get_by_role("button", name="Say").click()
    await expect(panel.get_by_text("message thing.happened/1 published")).to_be_visible()
    await expect(panel.get_by_text("nobody has taken yet")).to_contain_text("thing.happened/1")
    await page.get_by_role("button", name="Fail").click()
    await page.evaluate("() => navigation.navigate('/broken')")
    await expect(panel.get_by_text("@team/broken in main failed to mount")).to_be_visible()
    await panel.get_by_role("searchbox").fill("thing.happened")
    await expect(panel.get_by_role("list").get_by_role("listitem")).to_have_count(1)
    await panel.get_by_role("tab", name="Errors").click()
    lines = panel.get_by_role("list").get_by_role("listitem")
    await expect(lines).to_have_count(2)
    await expect(lines.nth(0)).to_contain_text("@team/broken in main failed to mount")
    await expect(lines.nth(1)).to_contain_text("the button is broken")
    await page.reload()  # it stays open, at the tab it was at
    await expect(panel.get_by_role("tab", name="Errors", selected=True)).to_be_visible()


async def test_flags_and_what_waits_are_shown(visit: Visit, world: RolloutWorld) -> None:
    flag = {"team": "team", "variants": {"on": True, "off": False}, "defaultVariant": "on"}
    await world.manifest.flags.put("shop.lamps", flag, base=None, by=OPERATOR)
    page = await visit("/talk", "developer")
    panel = await opened(page)
    await panel.get_by_role("tab", name="Flags").click()
    await expect(panel.get_by_role("row", name="shop.lamps true on")).to_be_visible()
    await panel.get_by_role("tab", name="Outbox").click()
    await expect(panel.get_by_text("Nothing waits to be sent.")).to_be_visible()
    await expect(panel.get_by_role("status")).to_contain_text("0 waiting")


async def test_nothing_is_said_of_what_waits_before_it_is_known(visit: Visit) -> None:
    page = await visit("/talk", "developer")
    await page.add_init_script(HELD_DATABASES)
    panel = await opened(page)
    await panel.get_by_role("tab", name="Outbox").click()
    await expect(panel.get_by_role("status")).to_contain_text("live updates: off")
    await expect(panel.get_by_role("status")).not_to_contain_text("waiting")
    await expect(panel.get_by_text("Nothing waits to be sent.")).to_be_hidden()
    await page.evaluate("() => letOpen()")
    await expect(panel.get_by_text("Nothing waits to be sent.")).to_be_visible()
    await expect(panel.get_by_role("status")).to_contain_text("0 waiting")


async def test_an_own_version_is_set_and_ended_here_and_a_fault_is_said(visit: Visit) -> None:
    own = TALK.replace("'Talk'", "'Own talk'")

    async def script(_request: Request) -> Response:
        return Response(own, media_type="text/javascript", headers={"Access-Control-Allow-Origin": "*"})

    [port] = free_ports(1)
    async with serving(Starlette(routes=[Route("/talk.js", script)]), port):
        page = await visit("/talk", "developer")
        panel = await opened(page)
        talk = panel.get_by_role("listitem").filter(has=page.get_by_role("heading", name="@team/talk"))
        await talk.get_by_text("Use your own version").click()
        field = talk.get_by_role("textbox", name="Your own version of @team/talk")
        await field.fill("https://elsewhere.example/talk.js")
        await field.press("Enter")
        await expect(talk.get_by_role("alert")).to_contain_text("PORTICO_OVERRIDE_ORIGINS")
        await expect(field).to_have_value("https://elsewhere.example/talk.js")
        await field.fill(f"http://127.0.0.1:{port}/talk.js")
        await talk.get_by_role("button", name="Use", exact=True).click()
        await expect(page.get_by_role("heading", name="Own talk")).to_be_visible()
        await expect(talk).to_contain_text(f"Your own: http://127.0.0.1:{port}/talk.js")
        await talk.get_by_role("button", name="Remove your own version of @team/talk").click()
        await expect(page.get_by_role("heading", name="Talk", exact=True)).to_be_visible()
        await expect(talk.get_by_text("Use your own version")).to_be_visible()


async def test_it_moves_by_keys_and_pointer_and_stays_in_the_window(visit: Visit) -> None:
    page = await visit("/talk", "developer", viewport={"width": 900, "height": 800})
    panel = await opened(page)
    before = await place(panel)
    await panel.get_by_role("button", name="Move").focus()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowUp")
    assert await place(panel) == (before[0] - 20, before[1] - 20)
    for _ in range(60):
        await page.keyboard.press("ArrowLeft")
    x, y = await place(panel)
    assert (x, y) == (0, before[1] - 20)
    title = await panel.get_by_role("heading", name="Developer overlay").bounding_box()
    assert title
    await page.mouse.move(title["x"] + 5, title["y"] + 5)
    await page.mouse.down()
    await page.mouse.move(title["x"] + 65, title["y"] + 20)
    await page.mouse.up()
    assert await place(panel) == (x + 60, y + 15)
    await page.reload()
    await expect(panel).to_be_visible()
    await expect(page.locator("[data-portico-overlay][data-moved]")).to_be_visible()
    assert await place(panel) == (x + 60, y + 15)


async def place(panel: Locator) -> tuple[int, int]:
    box = await panel.bounding_box()
    assert box
    return round(box["x"]), round(box["y"])


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 900])
async def test_it_is_accessible_and_no_page_spoils_it(visit: Visit, look: str, width: int) -> None:
    page = await visit("/talk", "developer", color_scheme=look, viewport={"width": width, "height": 700})
    panel = await opened(page)
    style = (
        "(panel) => { const { color, fontSize, margin } = getComputedStyle(panel); return [color, fontSize, margin]; }"
    )
    before = await panel.evaluate(style)
    await page.evaluate("""() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('* { color: red !important; font-size: 40px; margin: 9px } div { display: none }');
      document.adoptedStyleSheets = [sheet];
    }""")
    assert await panel.evaluate(style) == before
    await expect(panel).to_be_visible()
    await page.evaluate("() => { document.adoptedStyleSheets = []; }")
    for name in ("Apps", "Log", "Flags", "Outbox", "Errors"):
        await panel.get_by_role("tab", name=name).click()
        assert await violations(page) == []
    overflow = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) == 0

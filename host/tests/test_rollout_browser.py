"""What a browser shows of rollouts, of libraries in two versions, and of a developer's own version of an app."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from host.tests.axe import violations
from host.tests.real_servers import free_ports, serving
from host.tests.rollout_world import RolloutWorld, rollout_world
from host.tests.runtime_site import APPS, ROOT, SHARED

pytestmark = pytest.mark.asyncio(loop_scope="session")

SET = """async (overrides) => {
  const headers = { 'X-Portico': '1' };
  const answer = await fetch('/deploy/overrides', { method: 'PUT', headers, body: JSON.stringify({ overrides }) });
  return answer.status;
}"""
OWN = """import { user } from '@portico/sdk';
import { place } from './place.js';
export async function mount({ domElement, portico }) {
  const said = await (await fetch(new URL('./said.json', import.meta.url))).json();
  const { version } = await portico.api.get('/version');
  const heading = document.createElement('h1');
  heading.textContent = `Own shop of ${user().name} ${place}, ${said}, BFF ${version}`;
  domElement.append(heading);
}
export async function unmount({ domElement }) { domElement.replaceChildren(); }
"""


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path) -> AsyncIterator[RolloutWorld]:
    async with rollout_world(tmp_path) as world:
        await world.promote(await world.shop("1"))
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def own_app() -> AsyncIterator[str]:
    """The URL of a module that a developer's own server has; it changes nothing else."""
    files = {"app.js": OWN, "place.js": "export const place = 'at work';"}
    headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

    async def script(request: Request) -> Response:
        return Response(files[request.path_params["name"]], media_type="text/javascript", headers=headers)

    async def said(_request: Request) -> Response:
        return JSONResponse("said", headers=headers)

    [port] = free_ports(1)
    async with serving(Starlette(routes=[Route("/src/said.json", said), Route("/src/{name}", script)]), port):
        yield f"http://127.0.0.1:{port}/src/app.js"


async def sign_in(world: RolloutWorld, page: Page, *roles: str) -> None:
    await page.context.add_cookies(
        [{"name": "portico", "value": await world.cookie("dora", *roles), "url": world.url, "sameSite": "Strict"}]
    )


async def test_a_browser_stays_on_its_side_through_reloads_and_tabs(world: RolloutWorld, page: Page) -> None:
    await world.promote(await world.shop("2"), 50)
    await page.goto(world.url)
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_have_text(r"Shop 1" if await _side(page) == "1" else "Shop 2")
    first = await heading.text_content()
    for _ in range(3):
        await page.reload()
        await expect(heading).to_have_text(first or "")
    other = await page.context.new_page()
    await other.goto(world.url)
    await expect(other.get_by_role("heading", level=1)).to_have_text(first or "")


async def _side(page: Page) -> str:
    entry = str(await page.evaluate("() => JSON.parse(document.getElementById('portico-apps').text).apps[0].entry"))
    return entry.removesuffix(".js")[-1]


@pytest.fixture(scope="session")
def react_18(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """React 18, built for an import map; 19 is what this checkout builds for its own apps."""
    folder = tmp_path_factory.mktemp("react-18")
    script = [str(ROOT / "tools/with-node"), "node", str(APPS / "react-18.mjs"), str(folder)]
    subprocess.run(script, check=True, cwd=ROOT, timeout=60)
    return folder


def shares(name: str, version: str, folder: Path) -> dict[str, object]:
    """A release that shares React and its renderer from the files of a folder."""
    packages = {"react": {"react": "react.js"}, "react-dom": {"react-dom/client": "react-dom-client.js"}}
    if (folder / "react-dom.js").exists():
        packages["react-dom"]["react-dom"] = "react-dom.js"
    paths = {path for entries in packages.values() for path in entries.values()}
    shared = {package: {"version": version, "entries": entries} for package, entries in packages.items()}
    manifest = {"name": name, "version": version, "imports": {"shares": shared}}
    return {"app.json": manifest, **{path: (folder / path).read_bytes() for path in paths}}


def counter(name: str, wanted: str, slot: str) -> dict[str, object]:
    route = {"path": "/counters", "slot": slot, "access": "public", "title": "Counters"}
    needs = {"react": wanted, "react-dom": wanted}
    manifest = {"name": name, "version": "1.0.0", "entry": "counter.js", "routes": [route], "imports": {"needs": needs}}
    return {"app.json": manifest, "counter.js": (APPS / "counter.js").read_bytes()}


async def counters(world: RolloutWorld, page: Page, react_18: Path, *wanted: str) -> tuple[list[str], list[str]]:
    """Two apps on one page that want these Reacts; what they show, and which React modules the browser asked for."""
    for files in (
        shares("@libs/react-new", "19.0.0", SHARED),
        shares("@libs/react-old", "18.3.1", react_18),
        counter("@team/one", wanted[0], "main"),
        counter("@team/two", wanted[1], "header"),
    ):
        await world.promote(await world.publish(files))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/a/react-" in request.url else None)
    await page.goto(f"{world.url}/counters")
    shown = []
    for name in ("@team/one", "@team/two"):
        section = page.get_by_role("region", name=name)
        await section.get_by_role("button").click()
        await section.get_by_role("button").click()
        await expect(section.get_by_role("button")).to_have_text(f"{name}: 2")
        shown.append(await section.get_by_role("heading").text_content() or "")
    return shown, asked


async def test_two_majors_of_react_work_on_one_page(
    world: RolloutWorld, page: Page, react_18: Path, page_errors: list[str], complaints: list[str]
) -> None:
    shown, asked = await counters(world, page, react_18, "^19.0.0", "^18.0.0")
    assert shown == ["@team/one on React 19", "@team/two on React 18"]
    assert sorted({url.split("/")[4] for url in asked}) == ["react-new", "react-old"]
    assert len([url for url in asked if url.endswith("/react.js")]) == 2
    assert (page_errors, complaints) == ([], [])


async def test_apps_that_agree_load_one_copy(
    world: RolloutWorld, page: Page, react_18: Path, page_errors: list[str], complaints: list[str]
) -> None:
    shown, asked = await counters(world, page, react_18, "18 || 19", ">=18.2.0")
    assert shown == ["@team/one on React 19", "@team/two on React 19"]
    assert len(asked) == len(set(asked))
    assert {url.split("/")[4] for url in asked} == {"react-new"}
    assert len([url for url in asked if url.endswith("/react.js")]) == 1
    assert (page_errors, complaints) == ([], [])


async def test_a_developer_sees_their_own_module_until_they_turn_it_off(
    world: RolloutWorld, page: Page, own_app: str, page_errors: list[str], complaints: list[str]
) -> None:
    await sign_in(world, page, "developer")
    await page.goto(world.url)
    await expect(page.get_by_role("heading", name="Shop 1")).to_be_visible()
    await expect(page.get_by_role("complementary", name="Your own versions")).to_have_count(0)
    assert await page.evaluate(SET, {"@team/shop": {"url": own_app}}) == 200
    await page.reload()
    await expect(page.get_by_role("heading", name="Own shop of Dora at work, said, BFF 1")).to_be_visible()
    line = page.get_by_role("complementary", name="Your own versions")
    await expect(line).to_contain_text(f"This page shows your own version of @team/shop: {own_app}")
    await line.get_by_role("button", name="Turn off").click()
    await expect(page.get_by_role("heading", name="Shop 1")).to_be_visible()
    await expect(line).to_have_count(0)
    # There is no event hub here, so the live stream answers 503; nothing else may be amiss.
    assert (page_errors, [one for one in complaints if "503" not in one]) == ([], [])


async def test_a_developer_s_own_release_comes_with_its_own_bff(world: RolloutWorld, page: Page) -> None:
    own = await world.shop("2")
    await sign_in(world, page, "developer")
    await page.goto(world.url)
    assert await page.evaluate(SET, {"@team/shop": {"release": own.digest}}) == 200
    await page.goto(f"{world.url}/?tab=2")
    await expect(page.get_by_role("heading", name="Shop 2")).to_be_visible()
    await expect(page.get_by_text("BFF 2")).to_be_visible()
    line = page.get_by_role("complementary", name="Your own versions")
    await expect(line).to_contain_text(f"2.0.0 ({own.digest[:8]})")
    await line.get_by_role("button", name="Turn off").click()
    await expect(page.get_by_role("heading", name="Shop 1")).to_be_visible()
    await expect(page.get_by_text("BFF 1")).to_be_visible()
    await expect(page).to_have_url(f"{world.url}/?tab=2")


async def test_who_is_no_developer_cannot_set_one(world: RolloutWorld, page: Page, own_app: str) -> None:
    await sign_in(world, page, "member")
    await page.goto(world.url)
    assert await page.evaluate(SET, {"@team/shop": {"url": own_app}}) == 403
    await page.reload()
    await expect(page.get_by_role("heading", name="Shop 1")).to_be_visible()


@pytest.mark.parametrize("look", ["light", "dark", "forced colours"])
@pytest.mark.parametrize("width", [320, 1280])
async def test_the_line_can_be_used_by_everyone(
    world: RolloutWorld, page: Page, look: Any, width: int, own_app: str
) -> None:
    """No axe violation, no sideways scrolling, and the button is there for the keyboard."""
    await page.set_viewport_size({"width": width, "height": 640})
    await page.emulate_media(
        color_scheme="dark" if look == "dark" else "light", forced_colors="active" if "forced" in look else "none"
    )
    await sign_in(world, page, "developer")
    await page.goto(world.url)
    long = f"{own_app}?{'a-long-parameter=' * 8}"
    assert await page.evaluate(SET, {"@team/shop": {"url": long}}) == 200
    await page.reload()
    await expect(page.get_by_role("heading", name="Own shop")).to_be_visible()
    assert await violations(page) == []
    assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Turn off")).to_be_focused()

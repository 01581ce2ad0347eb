"""Modules hosted elsewhere, put in through ``/imd``: a page loads them, and holds them to the integrity they have."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from host.tests.real_servers import free_ports, serving
from host.tests.rollout_world import OPERATOR, RolloutWorld, rollout_world
from portico.manifest import LIVE, Authorship, External

pytestmark = pytest.mark.asyncio(loop_scope="session")

FILES = {
    "widget.js": "import { word } from './word.js'; export const said = `A widget ${word}`;",
    "word.js": "export const word = 'from elsewhere';",
}
SHOP = """import { said } from 'widget';
export async function mount({ domElement }) {
  const heading = document.createElement('h1');
  heading.textContent = said;
  domElement.append(heading);
}
export async function unmount({ domElement }) { domElement.replaceChildren(); }
"""


@pytest_asyncio.fixture(loop_scope="session")
async def world(tmp_path: Path) -> AsyncIterator[RolloutWorld]:
    async with rollout_world(tmp_path) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere() -> AsyncIterator[str]:
    """The folder of a module on another origin."""

    async def script(request: Request) -> Response:
        headers = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
        return Response(FILES[request.path_params["name"]], media_type="text/javascript", headers=headers)

    [port] = free_ports(1)
    async with serving(Starlette(routes=[Route("/1/{name}", script)]), port):
        yield f"http://127.0.0.1:{port}/1/"


def integrity(name: str) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(FILES[name].encode()).digest()).decode()


async def put_in(world: RolloutWorld, externals: Mapping[str, External], checks: Mapping[str, str]) -> None:
    by = Authorship("ci", world.manifest.now())
    extra = {"integrity": dict(checks)} if checks else {}
    await world.manifest.edit(lambda now: now.with_externals(externals, by, extra=extra))
    routes = [{"path": "/", "access": "public"}]
    app = {"name": "@team/shop", "version": "9.0.0", "entry": "shop.js", "routes": routes, "offline": {}}
    release = await world.publish({"app.json": app, "shop.js": SHOP})
    base = (await world.manifest.revision(LIVE)).number
    await world.manifest.promote("shop", release.digest, base=base, by=OPERATOR)


@pytest.mark.parametrize("hashed", ["nothing", "the module", "everything"])
async def test_a_page_loads_what_is_hosted_elsewhere(
    world: RolloutWorld, elsewhere: str, page: Page, hashed: str
) -> None:
    url = f"{elsewhere}widget.js"
    one = External(url, None if hashed == "nothing" else integrity("widget.js"))
    checks = {f"{elsewhere}word.js": integrity("word.js")} if hashed == "everything" else {}
    await put_in(world, {"widget": one}, checks)
    await page.goto(world.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("A widget from elsewhere")


async def test_a_page_refuses_other_bytes_than_those_of_the_integrity(
    world: RolloutWorld, elsewhere: str, page: Page
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    await put_in(world, {"widget": External(f"{elsewhere}widget.js", integrity("word.js"))}, {})
    await page.goto(world.url)
    await expect(page.get_by_role("heading", level=1)).to_have_text("This part of the page could not be opened")
    assert any("widget.js" in text and "integrity" in text for text in said), said


async def test_a_device_is_not_told_to_keep_what_its_worker_cannot_fetch(world: RolloutWorld, elsewhere: str) -> None:
    """One file that is not to be had would keep it from everything else."""
    await put_in(world, {"widget": External(f"{elsewhere}widget.js", integrity("widget.js"))}, {})
    async with world.browser() as visitor:
        kept = {one["url"] for one in (await visitor.client.get("/_portico/offline.json")).json()["assets"]}
        entry = (await visitor.page()).import_map["imports"]["@team/shop"]
    assert entry in kept
    assert {url for url in kept if not url.startswith("/a/")} == set()


async def test_only_pages_with_something_hosted_elsewhere_go_without_the_policy(
    world: RolloutWorld, elsewhere: str
) -> None:
    await world.promote(await world.shop("1"))
    async with world.browser() as visitor:
        assert "integrity-policy" in (await visitor.page()).response.headers
        await put_in(world, {"widget": External(f"{elsewhere}widget.js")}, {})
        assert "integrity-policy" not in (await visitor.page()).response.headers
        by = Authorship("ci", world.manifest.now())
        await world.promote(await world.shop("2"))
        await world.manifest.edit(lambda now: now.with_externals({"widget": None}, by))
        assert "integrity-policy" in (await visitor.page()).response.headers

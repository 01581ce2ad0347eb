"""Signing in over real HTTP, and in a real browser that takes SameSite seriously.

The provider is at `localhost` and the host at `127.0.0.1`: for a browser these are two sites.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route

from e2e.stack import browser_arguments
from host.tests.axe import violations
from host.tests.identity_world import PEOPLE, hidden, running
from host.tests.real_servers import free_ports, serving
from host.tests.session_world import onward
from portico.host.config import ProviderConfig
from portico.host.devidp import DevClient, DevProviderConfig, create_dev_provider
from portico.host.my_sessions import MySessionsEndpoint
from portico.host.session import MIGRATIONS, Seal, SessionSettings, SignIn, create_sign_in
from portico.host.tokens import HostKeys
from portico.sql import SqliteDatabase
from tools.browser import installed


@dataclass
class Site:
    """A host and a provider, each at an address of its own."""

    url: str
    issuer: str


def start_page(sign_in: SignIn) -> Callable[..., object]:
    async def page(request: Request) -> Response:
        session = await sign_in.sessions.identify(request.scope["headers"])
        return HTMLResponse(
            f"""<!doctype html><html lang="en"><title>Start</title><h1>{session.name if session else "nobody"}</h1>
            <p>{request.url.path}</p><form method="post" action="/auth/sign-out"><button>Sign out</button></form>"""
        )

    return page


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    host_port, provider_port = free_ports(2)
    url, issuer = f"http://127.0.0.1:{host_port}", f"http://localhost:{provider_port}/idp"
    client = DevClient(
        client_id="portico",
        client_secret="a secret",
        redirect_uris=(f"{url}/auth/callback",),
        post_logout_redirect_uris=(f"{url}/",),
    )
    config = DevProviderConfig(issuer=issuer, people=PEOPLE, clients=(client,), data_dir=tmp_path)
    provider = create_dev_provider(config, keys=HostKeys.open(tmp_path / "provider.json"))

    database = await SqliteDatabase.open(tmp_path / "sessions.db", migrations=MIGRATIONS)
    settings = SessionSettings(
        base_url=url, provider=ProviderConfig(issuer=issuer, client_id="portico", client_secret="a secret")
    )
    sign_in = create_sign_in(settings, database=database, seal=Seal.open(tmp_path / "session.json"))
    mine = MySessionsEndpoint(
        sign_in.mine, base_url=url, is_secure=False, identify=sign_in.identify, audit=sign_in.audit
    )
    host = Starlette(routes=[*sign_in.routes, *mine.routes, Route("/{path:path}", start_page(sign_in))])
    mounted = Starlette(routes=[Mount("/idp", provider)])
    try:
        async with running(provider), serving(mounted, provider_port), serving(host, host_port):
            yield Site(url, issuer)
    finally:
        await database.close()


async def test_the_whole_flow_over_http(site: Site) -> None:
    async with httpx2.AsyncClient(headers={"sec-fetch-site": "same-origin"}, trust_env=False) as person:
        begun = await person.get(f"{site.url}/auth/sign-in?return_to=/deep")
        page = await person.get(begun.headers["location"])
        form = {"request": hidden(page.text, "request"), "sub": "ada"}
        picked = await person.post(f"{site.issuer}/pick", data=form)
        signed_in = await person.get(picked.headers["location"])
        assert onward(signed_in) == "/deep"
        assert "Ada Lovelace" in (await person.get(f"{site.url}/deep")).text
        left = onward(await person.post(f"{site.url}/auth/sign-out"))
        assert (await person.get(left)).headers["location"] == f"{site.url}/"
        assert "nobody" in (await person.get(f"{site.url}/")).text


@pytest.fixture(scope="session")
def chromium() -> str | None:
    return installed()


@pytest.fixture
async def context(chromium: str | None) -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(browser_arguments()))
        context = await browser.new_context(viewport={"width": 320, "height": 640})
        context.set_default_timeout(10_000)
        yield context
        await browser.close()


async def pick(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).click()


async def test_in_a_browser_the_strict_cookie_is_there_on_the_first_page_after_signing_in(
    site: Site, context: BrowserContext
) -> None:
    page = await context.new_page()
    await page.goto(f"{site.url}/auth/sign-in?return_to=/deep%3Fx%3D1")
    await expect(page.get_by_role("heading", name="Choose who to sign in as")).to_be_visible()
    await pick(page, "Ada Lovelace")
    await expect(page.get_by_role("heading")).to_have_text("Ada Lovelace")
    assert page.url == f"{site.url}/deep?x=1"
    [cookie] = [cookie for cookie in await context.cookies(site.url) if cookie["name"] == "portico"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert await page.evaluate("document.cookie") == ""


async def test_in_a_browser_signing_out_leaves_the_provider_too_and_ends_at_home(
    site: Site, context: BrowserContext
) -> None:
    page = await context.new_page()
    await page.goto(f"{site.url}/auth/sign-in?return_to=/deep")
    await pick(page, "Ada Lovelace")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading")).to_have_text("nobody")
    assert page.url == f"{site.url}/"
    await page.goto(f"{site.url}/auth/sign-in")
    await expect(page.get_by_role("heading", name="Choose who to sign in as")).to_be_visible()


async def test_in_a_browser_two_tabs_can_sign_in_at_once(site: Site, context: BrowserContext) -> None:
    first, second = await context.new_page(), await context.new_page()
    await first.goto(f"{site.url}/auth/sign-in?return_to=/first")
    await second.goto(f"{site.url}/auth/sign-in?return_to=/second")
    await pick(second, "Ada Lovelace")
    await expect(second.get_by_role("paragraph")).to_have_text("/second")
    await pick(first, "Ada Lovelace")
    await expect(first.get_by_role("paragraph")).to_have_text("/first")
    await expect(first.get_by_role("heading")).to_have_text("Ada Lovelace")


async def test_in_a_browser_a_person_sees_where_they_are_signed_in_and_ends_it(
    site: Site, context: BrowserContext
) -> None:
    assert context.browser
    elsewhere = await context.browser.new_context(user_agent="Mozilla/5.0 (iPhone) Version/18.0 Safari/604.1")
    other, page = await elsewhere.new_page(), await context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    for one in (other, page):
        await one.goto(f"{site.url}/auth/sessions")
        await pick(one, "Ada Lovelace")
        await expect(one.get_by_role("heading", name="Where you are signed in")).to_be_visible()
    await expect(page.get_by_role("listitem")).to_have_count(2)
    await expect(page.get_by_role("listitem").first).to_contain_text("this browser")
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    for scheme in ("light", "dark"):
        # Without motion: colours on their way from light to dark have the contrast of neither.
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
        assert await violations(page) == []
    await page.get_by_role("button", name="Sign out Safari on iPhone").click()
    await expect(page.get_by_text("You are signed in nowhere else.")).to_be_visible()
    assert page.url == f"{site.url}/auth/sessions"
    await other.goto(f"{site.url}/deep")
    await expect(other.get_by_role("heading")).to_have_text("nobody")
    await expect(page.get_by_role("listitem")).to_have_count(1)
    assert problems == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_providers_page_fits_a_small_screen_and_has_no_axe_violations(
    site: Site, context: BrowserContext, scheme: str
) -> None:
    page = await context.new_page()
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.goto(f"{site.url}/auth/sign-in")
    await expect(page.get_by_role("button")).to_have_count(2)
    assert await page.evaluate("document.documentElement.scrollWidth") == 320
    assert await violations(page) == []
    assert problems == []

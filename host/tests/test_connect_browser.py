"""What a page starts once it is at rest: the service worker everywhere, what keeps things where it is needed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request

from host.tests.real_servers import free_ports, serving
from portico.host.app import create_app
from portico.host.config import HostConfig
from portico.host.prepare import prepare

pytestmark = pytest.mark.asyncio(loop_scope="session")

REGISTERED = "async () => (await navigator.serviceWorker.ready).active.scriptURL"
KEEPS = """async () => {
  await new Promise((resolve) => {
    const opening = indexedDB.open('portico:0123456789abcdef');
    opening.onsuccess = () => { opening.result.close(); resolve(); };
  });
  document.dispatchEvent(new Event('visibilitychange'));
}"""
REASONS = {
    "no network": "() => dispatchEvent(new Event('offline'))",
    "an element": "() => document.querySelector('main').append(document.createElement('portico-inbox'))",
    "a call without an answer": "() => fetch('/api/none').catch(() => {})",
    "somebody's data": KEEPS,
}


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    [port] = free_ports(1)
    folder: Path = tmp_path_factory.mktemp("connect")
    config = HostConfig(base_url=f"http://127.0.0.1:{port}", data_dir=folder / "data")
    await prepare(config, ())
    async with serving(create_app(config), port):
        yield config.base_url


def is_offline_module(request: Request) -> bool:
    return urlsplit(request.url).path.endswith("/offline.js")


async def open_at_rest(page: Page, url: str) -> list[Request]:
    """Opens a page and waits until it has started everything; what it has asked for itself."""
    asked: list[Request] = []
    page.on("request", lambda request: None if request.service_worker else asked.append(request))
    await page.goto(url)
    assert (await page.evaluate(REGISTERED)).endswith("/_portico/worker.js")
    return asked


async def test_a_page_without_apps_registers_the_worker_and_fetches_no_more_than_it_needs(
    page: Page, page_errors: list[str], site: str
) -> None:
    asked = await open_at_rest(page, f"{site}/none-such")
    scripts = {urlsplit(one.url).path.rpartition("/")[2] for one in asked if one.resource_type == "script"}
    assert scripts == {"runtime.js", "later.js"}


@pytest.mark.parametrize("reason", REASONS)
async def test_what_keeps_things_on_the_device_comes_when_there_is_a_reason(
    page: Page, page_errors: list[str], site: str, reason: str
) -> None:
    await page.route("**/api/none", lambda route: route.abort())
    asked = await open_at_rest(page, site)
    assert not any(is_offline_module(one) for one in asked)
    async with page.expect_request(is_offline_module):
        await page.evaluate(REASONS[reason])
    await page.wait_for_function("() => customElements.get('portico-status')")
    again = await page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length")
    assert again == 1

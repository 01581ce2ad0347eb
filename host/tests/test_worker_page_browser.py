"""The page and its service worker: who sends, what the page says of old data, and how a new version comes in.

The workers are small ones that a test writes; the platform's own has its tests elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from host.tests.offline_page import QUEUE, OfflinePage
from host.tests.offline_site import OfflineSite, offline_site

pytestmark = pytest.mark.asyncio(loop_scope="session")

CLAIM = "addEventListener('activate', (event) => event.waitUntil(clients.claim()));"
NOTES = "const notes = []; addEventListener('message', ({ data, source }) => { %s });"
KEEPS_NOTES = CLAIM + NOTES % (
    "if (data === 'notes') source.postMessage({ notes }); else notes.push([data.v, data.kind, data.sub]);"
)
READS = CLAIM + NOTES % (
    "const read = { v: 1, kind: 'read', app: 'things', url: '/api/things', pending: 0 };"
    "if (data === 'stale') source.postMessage({ ...read, asOf: new Date().toISOString(), stale: 'network' });"
    "if (data === 'fresh') source.postMessage({ ...read, asOf: new Date().toISOString(), stale: null });"
)
TAKES_OVER = CLAIM + NOTES % "if (data.kind === 'activate') skipWaiting();"
CONTROLLED = "() => navigator.serviceWorker.controller !== null"
TELL = "(text) => navigator.serviceWorker.controller.postMessage(text)"
GET_NOTES = """() => new Promise((resolve) => {
  navigator.serviceWorker.addEventListener('message', ({ data }) => data.notes && resolve(data.notes));
  navigator.serviceWorker.controller.postMessage('notes');
})"""


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[OfflineSite]:
    async with offline_site() as running:
        running.main = QUEUE + '<portico-as-of app="things"></portico-as-of>'
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def tab(site: OfflineSite, page: Page) -> OfflinePage:
    return OfflinePage(page, site)


async def controlled(tab: OfflinePage) -> None:
    await tab.open()
    await tab.page.wait_for_function(CONTROLLED)


async def test_the_worker_is_greeted_and_asked_to_send_and_the_page_sends_when_it_does_not(
    site: OfflineSite, tab: OfflinePage
) -> None:
    site.worker = KEEPS_NOTES
    await controlled(tab)
    assert (await tab.send(waitMs=30_000))["state"] == "accepted"
    notes = await tab.page.evaluate(GET_NOTES)
    assert [1, "hello", "ann"] in notes
    assert [1, "flush", "ann"] in notes
    assert len(site.commands) == 1


async def test_what_is_shown_from_the_device_says_since_when(site: OfflineSite, tab: OfflinePage) -> None:
    site.worker = READS
    await controlled(tab)
    since = tab.page.locator("portico-as-of")
    await expect(since).to_be_hidden()
    await tab.connected()  # else the live connection may say that the server is there when all has been said
    site.away = True
    await tab.page.evaluate(TELL, "stale")
    await expect(since).to_contain_text("Data from ")
    await expect(tab.status).to_contain_text("Offline. What you do is saved here and sent later. Data from ")
    site.away = False
    await tab.page.evaluate(TELL, "fresh")
    await expect(since).to_be_hidden()
    await tab.page.evaluate("() => window.dispatchEvent(new Event('online'))")
    await expect(tab.status).to_have_text("")


async def test_a_new_version_waits_until_its_person_wants_it(site: OfflineSite, tab: OfflinePage) -> None:
    site.worker = TAKES_OVER
    await controlled(tab)
    await expect(tab.status).to_have_text("")
    site.worker = TAKES_OVER + "// newer"
    await tab.page.evaluate("async () => void (await (await navigator.serviceWorker.ready).update())")
    await expect(tab.status).to_contain_text("A new version is ready")
    await tab.page.evaluate("() => { window.old = true }")
    await tab.status.get_by_role("button", name="Reload").click()
    await tab.page.wait_for_function("() => window.old === undefined")
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    await expect(tab.status).to_have_text("")


async def test_a_first_worker_is_no_new_version(site: OfflineSite, tab: OfflinePage, page_errors: list[str]) -> None:
    site.worker = CLAIM
    await controlled(tab)
    assert (await tab.state())["newVersion"] is False
    assert page_errors == []


async def test_without_a_worker_everything_else_works(tab: OfflinePage, page_errors: list[str]) -> None:
    await tab.open()
    assert (await tab.send())["state"] == "accepted"
    assert page_errors == []

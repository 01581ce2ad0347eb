"""The platform's elements can be used by everyone: on a phone, in the dark, from right to left, without a mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from host.tests.offline_page import HELD_DATABASES, OfflinePage
from host.tests.offline_site import Answer, OfflineSite, offline_site
from host.tests.test_offline_page_browser import CONFLICT, INVALID, LATER

pytestmark = pytest.mark.asyncio(loop_scope="session")

ALL = """<h1>Activity</h1><portico-unread href="/activity"></portico-unread><portico-queue></portico-queue>
<portico-inbox></portico-inbox><portico-push></portico-push><portico-as-of app="things"></portico-as-of>"""

# Chromium's headless shell says that they are denied, whatever it was told.
GRANTED = """Object.defineProperty(Notification, 'permission', { get: () => 'granted' });
Notification.requestPermission = async () => 'granted';"""


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[OfflineSite]:
    async with offline_site() as running:
        running.main = ALL
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def tab(site: OfflineSite, page: Page) -> OfflinePage:
    return OfflinePage(page, site)


@pytest.mark.parametrize("look", ["light", "dark", "right to left", "forced colours"])
async def test_elements_with_something_in_them_have_no_axe_violation_at_320_pixels(
    site: OfflineSite, tab: OfflinePage, look: str
) -> None:
    await tab.page.set_viewport_size({"width": 320, "height": 640})
    await tab.page.emulate_media(
        color_scheme="dark" if look == "dark" else "light",
        forced_colors="active" if look == "forced colours" else "none",
    )
    await tab.open()
    if look == "right to left":
        await tab.page.evaluate("() => { document.documentElement.dir = 'rtl' }")
    await site.opened(1)
    site.answers = [Answer(422, INVALID), Answer(412, CONFLICT)]
    await tab.send("Rename the thing", body={"name": "Lampion", "size": 3, "bright": True})
    await tab.send("Paint the thing", body={"name": "Lamp", "size": 2}, baseVersion=6)
    await tab.save("Move the thing to the second shelf", "Throw away the old thing")
    await tab.item("Rename").get_by_role("button", name="Edit").click()
    await tab.item("Throw away").get_by_role("button", name="Discard").click()
    # Last of all: it goes by itself.
    site.notify("Your thing is ready", "A long explanation of what that means, in more than one line of a phone.")
    await expect(tab.status).to_contain_text("2 changes need your attention")
    await expect(tab.toasts.get_by_role("link")).to_be_visible()
    await tab.check()


async def test_nothing_is_said_of_what_waits_before_it_is_known(tab: OfflinePage) -> None:
    await tab.page.add_init_script(HELD_DATABASES)
    await tab.open()
    await tab.page.evaluate("customElements.whenDefined('portico-queue').then(() => null)")
    queue = tab.page.locator("portico-queue")
    assert await queue.inner_text() == ""
    await tab.check()
    await tab.page.evaluate("() => letOpen()")
    await expect(queue.get_by_text("Nothing waits. Everything you did has been sent.")).to_be_visible()


async def test_empty_elements_have_no_axe_violation(tab: OfflinePage) -> None:
    await tab.open()
    await expect(tab.page.get_by_text("No messages yet.")).to_be_visible()
    await tab.check()


async def test_what_is_focused_is_not_hidden_under_the_status_line(site: OfflineSite, tab: OfflinePage) -> None:
    await tab.page.set_viewport_size({"width": 320, "height": 640})
    await tab.open()
    await tab.connected()
    # Nothing moves any more once all say so: what is sent again and again has a line more or less at any time.
    site.answers = [LATER] * 6
    for number in range(6):
        assert (await tab.send(f"Change {number}", waitMs=0))["state"] == "pending"
    await expect(tab.queue.get_by_text("Could not be sent yet")).to_have_count(6)
    site.away = True
    await tab.page.evaluate("() => void dispatchEvent(new Event('offline'))")
    await expect(tab.status).to_contain_text("Offline. 6 changes saved")
    line = await tab.page.locator(".p-status").bounding_box()
    assert line is not None
    for _ in range(12):
        await tab.page.keyboard.press("Tab")
        box = await tab.page.evaluate(
            "() => { const { top, bottom } = document.activeElement.getBoundingClientRect(); return [top, bottom]; }"
        )
        assert box[1] <= line["y"]


async def test_the_switch_for_messages_is_a_switch(site: OfflineSite, tab: OfflinePage) -> None:
    site.worker = "addEventListener('activate', (event) => event.waitUntil(clients.claim()))"
    await tab.page.context.grant_permissions(["notifications"], origin=site.url)
    await tab.page.add_init_script(GRANTED)
    await tab.open()
    await tab.page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    await tab.open()
    switch = tab.page.get_by_role("switch", name="Messages when this site is closed")
    await expect(switch).not_to_be_checked()
    await tab.check()
    await switch.press("Space")
    # This site has no key to subscribe with: the switch says so and stays off.
    await expect(tab.page.get_by_text("That did not work. Try again later.")).to_be_visible()
    await expect(switch).not_to_be_checked()
    await expect(switch).to_be_focused()

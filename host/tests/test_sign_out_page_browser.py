"""Signing out with something still to be sent: nothing is lost without a question, and nothing stays behind."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from host.tests.offline_page import QUEUE, OfflinePage
from host.tests.offline_site import Answer, OfflineSite, offline_site
from host.tests.worker_site import until

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANN = {"sub": "ann", "name": "Ann", "roles": []}
BUSY = [Answer(503, {"title": "Not now"}, {"Retry-After": "1"})] * 99
"""For as long as a test lasts: what waits may be tried by itself at any time, and a second later again."""
STATES = """async ([is_it, state]) =>
  (await (await import('@portico/sdk/offline')).outbox.entries()).every((entry) => (entry.state === state) === is_it)"""
NOBODYS = "() => JSON.parse(document.getElementById('portico-apps')?.textContent ?? '{}').user === null"
DATABASES = (
    "async () => (await indexedDB.databases()).map(({ name }) => name).filter((name) => name !== 'portico-device')"
)


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[OfflineSite]:
    async with offline_site() as running:
        running.main = QUEUE
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def tab(site: OfflineSite, page: Page) -> OfflinePage:
    return await OfflinePage(page, site).open()


async def sign_out(tab: OfflinePage) -> None:
    await tab.page.get_by_role("button", name="Sign out").click()


async def signed_out(tab: OfflinePage) -> None:
    await tab.page.wait_for_function(NOBODYS)  # the page from before says the same, shortly before it goes
    await expect(tab.page.get_by_text("When you are signed in")).to_be_visible()
    assert tab.site.signed_out == 1


def reach(tab: OfflinePage) -> None:
    """The network is back; the server does nothing of what comes by itself before the test goes on."""
    tab.site.answers = BUSY.copy()
    tab.site.away = False


async def held(tab: OfflinePage, *, is_it: bool = True) -> None:
    """Wait until nothing is sent any more, or until it is again: that is written down after a button was pressed."""
    await until(tab.page, STATES, [is_it, "paused"])


async def come_back(tab: OfflinePage) -> None:
    tab.site.answers.clear()
    tab.site.user, tab.site.signed_in = ANN, True
    await tab.open()


async def test_with_nothing_to_send_it_signs_out_at_once_and_deletes_what_was_kept(tab: OfflinePage) -> None:
    await tab.send()
    await sign_out(tab)
    await signed_out(tab)
    assert await tab.page.evaluate(DATABASES) == []


async def test_the_sdks_sign_out_asks_as_well(tab: OfflinePage) -> None:
    await tab.save("Rename the thing")
    await tab.page.evaluate("async () => (await import('@portico/sdk')).signOut()")
    await expect(tab.dialog).to_be_visible()


async def test_escape_stays_signed_in_with_everything_in_its_place(tab: OfflinePage) -> None:
    await tab.save("Rename the thing", "Paint the thing")
    await sign_out(tab)
    await expect(tab.dialog).to_have_accessible_name("2 changes have not been sent")
    await expect(tab.dialog.get_by_role("listitem")).to_have_text(["Rename the thing", "Paint the thing"])
    await expect(tab.dialog.get_by_role("button", name="Send now, then sign out")).to_be_focused()
    await tab.page.keyboard.press("Escape")
    await expect(tab.dialog).to_be_hidden()
    await expect(tab.page.get_by_role("button", name="Sign out")).to_be_focused()
    await expect(tab.queue.get_by_role("listitem")).to_have_count(2)
    assert tab.site.signed_out == 0


async def test_sent_first_when_the_server_is_there(tab: OfflinePage) -> None:
    await tab.save("Rename the thing")
    await sign_out(tab)
    await expect(tab.dialog).to_be_visible()  # sent before it is asked, it would not be asked
    tab.site.away = False
    await tab.dialog.get_by_role("button", name="Send now, then sign out").click()
    await signed_out(tab)
    assert len(tab.site.done) == 1
    assert await tab.page.evaluate(DATABASES) == []


async def test_what_cannot_be_sent_is_said_and_the_question_stays(tab: OfflinePage) -> None:
    tab.site.answers = [Answer(422, {"title": "Not valid"})] * 2
    await tab.send("Rename the thing")
    await sign_out(tab)
    await tab.dialog.get_by_role("button", name="Send now, then sign out").click()
    await expect(tab.dialog.get_by_role("status")).to_have_text(
        "1 change could not be sent. Choose what should happen."
    )
    assert tab.site.signed_out == 0


async def test_kept_for_the_same_person_and_for_nobody_else(tab: OfflinePage) -> None:
    reach(tab)
    assert (await tab.send("Rename the thing", waitMs=0))["state"] == "pending"
    await sign_out(tab)
    await tab.dialog.get_by_role("button", name="Keep for my next sign-in on this device").click()
    await signed_out(tab)
    tab.site.answers.clear()
    assert tab.site.done == {}
    tab.site.user, tab.site.signed_in = {"sub": "bob", "name": "Bob", "roles": []}, True
    await tab.open()
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    assert tab.site.done == {}
    await come_back(tab)
    await expect(tab.status).to_have_text("All sent")
    assert len(tab.site.done) == 1


async def test_what_is_saved_while_the_server_is_asked_is_kept_for_the_next_sign_in(tab: OfflinePage) -> None:
    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await goes_on.wait()
        await route.continue_()

    await tab.page.route("**/healthz", hold)
    reach(tab)
    await sign_out(tab)
    await asked.wait()
    assert (await tab.send("Rename the thing", waitMs=0))["state"] == "pending"
    goes_on.set()
    await signed_out(tab)
    assert tab.site.done == {}
    await come_back(tab)
    await expect(tab.status).to_have_text("All sent")
    assert len(tab.site.done) == 1


async def test_discarded_for_good(tab: OfflinePage) -> None:
    await tab.save("Rename the thing")
    await sign_out(tab)
    reach(tab)
    await tab.dialog.get_by_role("button", name="Discard and sign out").click()
    await signed_out(tab)
    assert await tab.page.evaluate(DATABASES) == []
    await come_back(tab)
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    assert tab.site.done == {}


@pytest.mark.parametrize("choice", ["Discard and sign out", "Keep for my next sign-in on this device"])
async def test_what_is_not_to_be_sent_is_not_sent_while_the_server_is_asked(tab: OfflinePage, choice: str) -> None:
    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        asked.set()
        await goes_on.wait()
        await route.continue_()

    await tab.save("Rename the thing")
    await sign_out(tab)
    await tab.page.route("**/healthz", hold)
    await tab.dialog.get_by_role("button", name=choice).click()
    await asked.wait()
    await held(tab)  # the page may have asked the server for a reason of its own before
    await tab.send_now()  # as what notices that the server is back does
    goes_on.set()
    await signed_out(tab)
    assert tab.site.done == {}


async def test_without_a_connection_nobody_is_signed_out_and_nothing_is_deleted(tab: OfflinePage) -> None:
    await tab.save("Rename the thing")
    await sign_out(tab)
    await tab.dialog.get_by_role("button", name="Discard and sign out").click()
    await expect(tab.dialog).to_have_accessible_name("You are offline")
    await tab.check()
    await tab.dialog.get_by_role("button", name="Stay signed in").click()
    await expect(tab.item("Rename the thing")).to_be_visible()
    await held(tab, is_it=False)  # until then the person is still about to leave
    await sign_out(tab)
    await tab.dialog.get_by_role("button", name="Discard and sign out").click()
    await expect(tab.dialog).to_have_accessible_name("You are offline")
    reach(tab)
    await tab.dialog.get_by_role("button", name="Try again").click()
    await signed_out(tab)
    assert tab.site.done == {}


async def test_a_copy_can_be_saved_first(tab: OfflinePage, tmp_path: Path) -> None:
    await tab.save("Rename the thing")
    await sign_out(tab)
    async with tab.page.expect_download() as download:
        await tab.dialog.get_by_role("button", name="Save a copy as a file").click()
    file = tmp_path / "copy.json"
    await (await download.value).save_as(file)
    assert [entry["describe"] for entry in json.loads(file.read_text())["entries"]] == ["Rename the thing"]
    await expect(tab.dialog.get_by_role("status")).to_have_text("A copy was saved. It is still here too.")


async def test_another_tab_of_the_person_shows_nothing_of_them_any_more(tab: OfflinePage) -> None:
    tab.site.main = QUEUE + "<portico-inbox></portico-inbox>"
    other = await OfflinePage(await tab.page.context.new_page(), tab.site).open()
    await expect(other.page.get_by_text("No messages yet.")).to_be_visible()
    await tab.save("Rename the thing")
    await expect(other.item("Rename the thing")).to_be_visible()
    await sign_out(tab)
    reach(tab)
    await tab.dialog.get_by_role("button", name="Discard and sign out").click()
    await signed_out(tab)
    await expect(other.queue.get_by_role("listitem")).to_have_count(0)
    # Neither that the browser kept nothing for them nor that they had no messages: that was not so.
    await expect(other.page.get_by_text("When you are signed in, what could not be sent yet")).to_be_visible()
    await expect(other.page.get_by_text("No messages yet.")).to_have_count(0)
    assert await tab.page.evaluate(DATABASES) == []


@pytest.mark.parametrize("look", ["light", "dark", "right to left", "forced colours"])
async def test_the_question_can_be_used_by_everyone(tab: OfflinePage, look: str) -> None:
    await tab.page.set_viewport_size({"width": 320, "height": 480})
    await tab.page.emulate_media(
        color_scheme="dark" if look == "dark" else "light",
        forced_colors="active" if look == "forced colours" else "none",
    )
    if look == "right to left":
        await tab.page.evaluate("() => { document.documentElement.dir = 'rtl' }")
    await tab.save("Rename the thing")
    await sign_out(tab)
    await expect(tab.dialog).to_be_visible()
    await tab.check()
    for _ in range(4):
        await tab.page.keyboard.press("Tab")
    await expect(tab.dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    await expect(tab.dialog.get_by_role("button", name="Stay signed in")).to_be_in_viewport()
    await tab.page.keyboard.press("Enter")
    await expect(tab.dialog).to_be_hidden()

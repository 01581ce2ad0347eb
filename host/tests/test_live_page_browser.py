"""Live updates and messages in a real browser: one connection for all tabs, every frame once in each, nothing lost."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from host.tests.offline_page import INBOX, OfflinePage
from host.tests.offline_site import OfflineSite, offline_site

pytestmark = pytest.mark.asyncio(loop_scope="session")

CHANGED = "things.thing-changed"


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[OfflineSite]:
    async with offline_site() as running:
        running.main = INBOX
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def tab(site: OfflineSite, page: Page) -> OfflinePage:
    return OfflinePage(page, site)


async def another(tab: OfflinePage) -> OfflinePage:
    return OfflinePage(await tab.page.context.new_page(), tab.site)


async def test_two_tabs_share_one_connection_and_each_hears_every_frame_once(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.open()
    await site.opened(1)
    other = await (await another(tab)).open()
    await tab.connected()
    await other.connected()
    await tab.listen()
    await other.listen()
    for number in range(3):
        site.publish(CHANGED, number)
    assert await tab.heard(3) == await other.heard(3) == [0, 1, 2]
    assert [connection.transport for connection in site.connections] == ["stream"]
    assert (await tab.state())["live"] == (await other.state())["live"] == "stream"
    assert (await other.state())["region"] == "here"


async def test_the_next_tab_takes_the_connection_over_where_the_first_left_it(
    site: OfflineSite, tab: OfflinePage
) -> None:
    first = await (await another(tab)).open()
    await site.opened(1)
    await tab.open()
    await tab.connected()
    await tab.listen()
    site.publish(CHANGED, "before")
    assert await tab.heard(1) == ["before"]
    await first.page.close()
    taken_over = await site.opened(2)
    site.publish(CHANGED, "after")
    assert await tab.heard(2) == ["before", "after"]
    assert taken_over.after == site.frames[0]["id"]


async def test_a_page_that_comes_back_hears_what_it_missed_and_nothing_twice(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.open()
    await site.opened(1)
    await tab.listen()
    site.publish(CHANGED, 1)
    assert await tab.heard(1) == [1]
    site.away = True
    site.say(None)
    await expect(tab.status).to_contain_text("Offline.")
    site.publish(CHANGED, 2)
    site.publish(CHANGED, 3)
    site.away = False
    assert await tab.heard(3) == [1, 2, 3]
    await expect(tab.status).to_have_text("")


async def test_a_gap_is_filled_by_asking(site: OfflineSite, tab: OfflinePage) -> None:
    await tab.open()
    await site.opened(1)
    await tab.listen()
    site.publish(CHANGED, 1)
    assert await tab.heard(1) == [1]
    listening, site.open = site.open, []
    site.publish(CHANGED, "lost on the way")
    site.open = listening
    site.publish(CHANGED, 3)
    assert await tab.heard(3) == [1, "lost on the way", 3]
    assert [connection.transport for connection in site.connections] == ["stream", "poll"]


async def test_where_streams_are_held_back_it_goes_down_the_ladder(site: OfflineSite, tab: OfflinePage) -> None:
    site.held_back = {"stream", "socket"}
    await tab.page.clock.install()
    await tab.open()
    await site.opened(1)
    await tab.page.clock.run_for(5_000)
    await site.opened(2)
    await tab.page.clock.run_for(5_000)
    await site.opened(3)
    await tab.listen()
    site.publish(CHANGED, 1)
    assert await tab.heard(1) == [1]
    assert [connection.transport for connection in site.connections][:3] == ["stream", "socket", "poll"]
    assert (await tab.state())["live"] == "poll"


async def test_a_web_socket_carries_the_same_frames(site: OfflineSite, tab: OfflinePage) -> None:
    site.held_back = {"stream"}
    await tab.page.clock.install()
    await tab.open()
    await site.opened(1)
    await tab.page.clock.run_for(5_000)
    assert (await site.opened(2)).transport == "socket"
    await tab.listen()
    site.publish(CHANGED, {"id": "7"})
    assert await tab.heard(1) == [{"id": "7"}]


async def test_a_connection_that_falls_silent_is_given_up(site: OfflineSite, tab: OfflinePage) -> None:
    await tab.page.clock.install()
    await tab.open()
    await site.opened(1)
    await tab.listen()
    site.publish(CHANGED, 1)
    assert await tab.heard(1) == [1]
    await tab.page.clock.run_for(40_000)
    assert (await site.opened(2)).after == site.frames[0]["id"]


async def test_when_the_session_ends_it_asks_no_more_until_somebody_signs_in(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.open()
    await site.opened(1)
    site.signed_in = False
    site.say(None)
    await expect(tab.status).to_contain_text("You are signed out.")
    site.signed_in = True
    other = await (await another(tab)).open()
    await site.opened(2)
    await expect(tab.status).to_have_text("")
    await expect(other.status).to_have_text("")
    assert len(site.open) == 1


async def test_a_new_message_appears_takes_no_focus_and_waits_to_be_read(site: OfflineSite, tab: OfflinePage) -> None:
    await tab.open()
    await site.opened(1)
    button = tab.page.get_by_role("button", name="Sign out")
    await button.focus()
    site.notify("Your thing is ready", "Come and get it.")
    await expect(tab.toasts.get_by_role("link", name="Your thing is ready")).to_have_attribute("href", "/things/1")
    await expect(button).to_be_focused()
    await expect(tab.page.get_by_role("link", name="1 unread message")).to_be_visible()
    await expect(tab.messages.get_by_role("listitem")).to_contain_text("New")
    await tab.toasts.get_by_role("button", name="Dismiss: Your thing is ready").click()
    await expect(tab.toasts).to_be_empty()
    await expect(tab.page.get_by_text("1 unread message")).to_be_hidden()
    await expect(tab.messages.get_by_role("listitem")).not_to_contain_text("New")


FULL_STOP = """(paragraph) => {
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    const text = walker.nextNode();
    const place = (at) => {
        const range = document.createRange();
        range.setStart(text, at);
        range.setEnd(text, at + 1);
        return range.getBoundingClientRect().left;
    };
    return place(text.length - 1) > place(text.length - 2);
}"""
"""Whether what a paragraph ends with stands to the right of what is before it."""


async def test_a_message_in_another_direction_than_the_page_has_its_full_stop_at_its_end(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.open()
    await site.opened(1)
    await tab.page.evaluate("document.documentElement.dir = 'rtl'")
    site.notify("It is ready!", "Come and get it.")
    for place in (tab.toasts, tab.messages.get_by_role("listitem")):
        for text in ("It is ready!", "Come and get it."):
            paragraph = place.get_by_role("paragraph").filter(has_text=text)
            await expect(paragraph).to_be_visible()
            assert await paragraph.evaluate(FULL_STOP)


async def test_a_message_goes_by_itself_unless_somebody_looks_at_it(site: OfflineSite, tab: OfflinePage) -> None:
    await tab.page.clock.install()
    await tab.open()
    await site.opened(1)
    site.notify("First")
    site.notify("Second")
    await expect(tab.toasts.get_by_role("link")).to_have_count(2)
    await tab.toasts.get_by_role("link", name="First").focus()
    await tab.page.clock.run_for(20_000)
    await expect(tab.toasts.get_by_role("link")).to_have_text(["First"])
    await expect(tab.messages.get_by_role("listitem")).to_have_count(2)
    await expect(tab.page.get_by_text("2 unread messages")).to_be_attached()


async def test_messages_are_there_after_a_reload_read_ones_stay_read_and_old_ones_make_no_noise(
    site: OfflineSite, tab: OfflinePage
) -> None:
    site.notify("Old news")
    site.frames[0]["ts"] = round((time.time() - 3600) * 1000)
    await tab.open()
    await expect(tab.messages.get_by_role("listitem")).to_have_count(1)
    site.notify("News")
    await expect(tab.toasts.get_by_role("link")).to_have_text(["News"])
    await expect(tab.messages.get_by_role("link")).to_have_text(["News", "Old news"])
    await tab.page.get_by_role("button", name="Mark all as read").click()
    await expect(tab.messages.get_by_text("New", exact=True)).to_have_count(0)
    await tab.open()
    await expect(tab.messages.get_by_role("link")).to_have_text(["News", "Old news"])
    await expect(tab.messages.get_by_text("New", exact=True)).to_have_count(0)
    await expect(tab.toasts).to_be_empty()

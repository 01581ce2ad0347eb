"""Commands that survive, in a real browser: what a micro-app gets, and what a person sees and can do."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from host.tests.offline_page import QUEUE, OfflinePage
from host.tests.offline_site import Answer, OfflineSite, offline_site

pytestmark = pytest.mark.asyncio(loop_scope="session")

INVALID = {
    "type": "https://portico.dev/problems/not-valid",
    "title": "Not valid",
    "status": 422,
    "detail": "The name is too long.",
    "errors": [{"pointer": "/name", "detail": "At most 4 letters."}],
}
CONFLICT = {
    "type": "https://portico.dev/problems/conflict",
    "title": "Changed meanwhile",
    "status": 412,
    "current": {"version": 7, "entity": {"name": "Torch", "size": 3, "colour": "red"}},
}

LATER = Answer(503, {"title": "Not now"}, {"Retry-After": "600"})
"""What gets this is not sent again by itself."""
# Calls end late, and nobody hears that the network is gone: only the browser knows.
UNHEARD = """window.fetch = () => new Promise(() => {});
addEventListener('offline', (event) => event.stopImmediatePropagation());"""

# A device on which no new entry finds room.
FULL = """() => {
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (...args) {
    if (this.name === 'entries') throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, args);
  };
  window.makeRoom = () => { IDBObjectStore.prototype.put = put; };
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def site() -> AsyncIterator[OfflineSite]:
    async with offline_site() as running:
        running.main = QUEUE
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def tab(site: OfflineSite, page: Page) -> OfflinePage:
    return OfflinePage(page, site)


async def test_a_command_that_the_server_does_at_once_is_accepted_and_nothing_is_said_of_it(
    site: OfflineSite, tab: OfflinePage, page_errors: list[str]
) -> None:
    await tab.open()
    result = await tab.send(lane="thing-1", baseVersion=3)
    [command] = site.commands
    assert result == {"state": "accepted", "key": command.key, "data": {"ok": True}}
    assert command.headers["Portico-Person"] == "ann"
    assert (command.headers["Portico-Lane"], command.headers["Portico-Lane-Seq"]) == ("thing-1", "1")
    assert command.headers["If-Match"] == '"3"'
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    await expect(tab.status).to_have_text("")
    assert page_errors == []


async def test_what_was_done_offline_is_saved_shown_and_sent_once_when_the_server_is_back(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.open()
    await tab.save("Rename the thing", "Paint the thing")
    await expect(tab.status).to_contain_text("Offline. 2 changes saved, waiting to be sent.")
    await tab.open()  # the page is gone, what it saved is not
    await expect(tab.queue.get_by_role("listitem")).to_have_count(2)
    await expect(tab.status.get_by_role("link", name="Show")).to_have_attribute("href", "/activity")
    await tab.send_now()
    await expect(tab.status).to_have_text("All sent")
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    assert len(site.done) == 2


async def test_a_command_whose_answer_was_lost_is_sent_again_under_the_same_key_and_done_once(
    site: OfflineSite, tab: OfflinePage
) -> None:
    site.answers = [Answer(cut=True)]
    await tab.open()
    result = await tab.send(waitMs=30_000)
    assert result["state"] == "accepted"
    assert {command.key for command in site.commands} == {result["key"]} == set(site.done)
    assert len(site.commands) > 1


async def test_a_refused_command_is_kept_with_what_is_wrong_and_can_be_mended(
    site: OfflineSite, tab: OfflinePage
) -> None:
    site.answers = [Answer(422, INVALID)]
    await tab.open()
    result = await tab.send("Rename the thing", body={"name": "Lampion", "size": 3})
    assert (result["state"], result["code"], result["status"]) == ("rejected", "not-valid", 422)
    await expect(tab.status).to_contain_text("1 change needs your attention")
    item = tab.item("Rename the thing")
    await expect(item).to_contain_text("Refused")
    await expect(item).to_contain_text("The name is too long.")
    await item.get_by_role("button", name="Edit").press("Enter")
    name = item.get_by_role("textbox", name="Name")
    await expect(name).to_be_focused()
    await expect(name).to_have_accessible_description("At most 4 letters.")
    await name.fill("Lamp")
    await name.press("Enter")
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    old, new = site.commands
    assert (new.body, new.headers["Portico-Replaces"]) == ({"name": "Lamp", "size": 3}, old.key)
    assert list(site.done) == [new.key]


async def test_a_form_that_shows_a_refusal_itself_leaves_nothing_in_the_queue(
    site: OfflineSite, tab: OfflinePage
) -> None:
    site.answers = [Answer(422, INVALID)]
    await tab.open()
    assert (await tab.send(discardRefused=True))["message"] == "The name is too long."
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    await expect(tab.status).to_have_text("")


async def test_discarding_asks_first_and_keeps_the_focus_where_the_person_is(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.open()
    await tab.save("Rename the thing", "Paint the thing")
    first = tab.item("Rename the thing")
    discard = first.get_by_role("button", name="Discard: Rename the thing")
    await discard.press("Enter")
    keep = first.get_by_role("button", name="Keep it")
    await expect(keep).to_be_focused()
    await keep.press("Enter")
    await expect(discard).to_be_focused()
    await discard.press("Enter")
    await first.get_by_role("button", name="Discard", exact=True).press("Enter")
    # Gone, or the server is still to be told: until then it may be on its way there.
    await expect(first.and_(tab.page.locator(":not([data-state=discarding])"))).to_have_count(0)
    await tab.send_now()
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    assert len(site.done) == 1


@pytest.mark.parametrize(
    ("press", "body", "version"),
    [
        ("Keep mine", {"name": "Lamp", "size": 2}, '"7"'),
        ("Keep what I chose", {"name": "Torch", "size": 2}, '"7"'),
        ("Take theirs", None, None),
    ],
)
async def test_a_conflict_is_the_persons_to_decide(
    site: OfflineSite, tab: OfflinePage, press: str, body: dict[str, object] | None, version: str | None
) -> None:
    site.answers = [Answer(412, CONFLICT)]
    await tab.open()
    result = await tab.send("Rename the thing", body={"name": "Lamp", "size": 2}, baseVersion=6)
    assert (result["state"], result["code"]) == ("rejected", "conflict")
    item = tab.item("Rename the thing")
    await expect(item).to_contain_text("Somebody else changed this meanwhile.")
    name = item.get_by_role("group", name="Name")
    await expect(name.get_by_role("radio", name="Yours: Lamp")).to_be_checked()
    await name.get_by_role("radio", name="Theirs: Torch").check()
    await item.get_by_role("button", name=press).click()
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    sent = site.commands[1:]
    assert [(command.body, command.headers["If-Match"]) for command in sent] == ([(body, version)] if body else [])


async def test_after_the_session_has_ended_everything_waits_for_the_same_person(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.open()
    site.signed_in = False
    assert (await tab.send())["reason"] == "paused"
    await expect(tab.status).to_contain_text("1 change saved. Sign in to send it.")
    await expect(tab.status.get_by_role("link", name="Sign in")).to_have_attribute("href", re.compile("^/auth/sign-in"))
    await expect(tab.item("Rename the thing")).to_contain_text("Waiting until you sign in")
    site.user, site.signed_in = {"sub": "bob", "name": "Bob", "roles": []}, True
    await tab.open()
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    assert site.done == {}
    site.user = {"sub": "ann", "name": "Ann", "roles": []}
    await tab.open()
    await expect(tab.status).to_have_text("All sent")
    assert len(site.done) == 1


async def test_another_tab_that_signs_in_as_somebody_else_stops_this_one_from_sending(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.open()
    await tab.save("Rename the thing")
    site.user = {"sub": "bob", "name": "Bob", "roles": []}
    other = await OfflinePage(await tab.page.context.new_page(), site).open()
    await expect(other.page.get_by_text("Nothing waits.")).to_be_visible()
    # The other tab shows its own before this one has heard of it.
    await expect(tab.status).to_contain_text("Sign in to send it.")
    await tab.send_now()
    await expect(tab.item("Rename the thing")).to_be_visible()
    await expect(tab.status).to_contain_text("Sign in to send it.")
    assert site.commands == []


async def test_where_nothing_can_be_kept_a_command_is_sent_at_once_and_never_confirmed_without_an_answer(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    await tab.open()
    assert (await tab.send())["state"] == "accepted"
    site.away = True
    lost = await tab.send()
    site.away, site.answers = False, [Answer(422, INVALID)]
    assert (lost["state"], lost["code"], lost["kept"]) == ("rejected", "not-kept", False)
    refused = await tab.send()
    assert (refused["state"], refused["code"], refused["kept"]) == ("rejected", "not-valid", False)
    await expect(tab.page.get_by_text("lets the page keep nothing")).to_be_visible()
    assert (await tab.state())["keeps"] is False


@pytest.mark.parametrize("receipt", [{}, {"Portico-Receipt": "1"}, {"Portico-Receipt": "another"}])
async def test_where_nothing_can_be_kept_only_an_answer_with_its_receipt_counts(
    tab: OfflinePage, receipt: dict[str, str]
) -> None:
    await tab.page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    await tab.open()
    await tab.page.route("**/api/things/**", lambda route: route.fulfill(json={"ok": True}, headers=receipt))
    result = await tab.send()
    assert (result["state"], result["code"], result["kept"]) == ("rejected", "not-kept", False)


async def test_where_nothing_can_be_kept_a_mutation_with_errors_is_refused(site: OfflineSite, tab: OfflinePage) -> None:
    await tab.page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    await tab.open()
    site.answers = [Answer(body={"data": {"done": 1}}), Answer(body={"data": None, "errors": [{"message": "No"}]})]
    done = await tab.send(path="/graphql", body={"query": "mutation { do }"})
    assert (done["state"], done["data"]) == ("accepted", {"done": 1})
    refused = await tab.send(path="/graphql", body={"query": "mutation { do }"})
    assert (refused["state"], refused["kept"]) == ("rejected", False)


async def test_a_command_that_finds_no_room_does_not_go_past_those_that_wait(
    site: OfflineSite, tab: OfflinePage
) -> None:
    await tab.open()
    site.answers = [LATER]
    waiting = await tab.send("Paint the thing", lane="thing-1", body={"turn": 1}, waitMs=0)
    assert waiting["state"] == "pending"
    await expect(tab.item("Paint the thing")).to_contain_text("Could not be sent yet")
    await tab.page.evaluate(FULL)
    behind = await tab.send("Rename the thing", lane="thing-1", body={"turn": 2})
    assert (behind["state"], behind["code"], behind["kept"]) == ("rejected", "not-kept", False)
    assert "no room left" in behind["message"]
    assert (await tab.send("Turn the other", lane="thing-2", body={"turn": 3}))["state"] == "accepted"
    assert [body["turn"] for body in site.done.values()] == [3]
    await tab.page.evaluate("() => window.makeRoom()")
    await tab.send_now()
    assert [body["turn"] for body in site.done.values()] == [3, 1]


async def test_without_a_person_the_elements_say_so_and_a_command_is_refused(
    site: OfflineSite, tab: OfflinePage, page_errors: list[str]
) -> None:
    site.user, site.signed_in = None, False
    await tab.open()
    await expect(tab.page.get_by_text("When you are signed in")).to_be_visible()
    result = await tab.send()
    assert (result["state"], result["status"]) == ("rejected", 401)
    assert page_errors == []


async def test_two_tabs_and_many_commands_send_each_once(site: OfflineSite, tab: OfflinePage) -> None:
    await tab.open()
    other = await OfflinePage(await tab.page.context.new_page(), site).open()
    await tab.save(*(f"Change {number}" for number in range(10)))
    await other.save(*(f"Other change {number}" for number in range(10)))
    await expect(tab.queue.get_by_role("listitem")).to_have_count(20)
    await asyncio.gather(tab.send_now(), other.send_now())
    await expect(tab.page.get_by_text("Nothing waits.")).to_be_visible()
    await expect(other.page.get_by_text("Nothing waits.")).to_be_visible()
    assert len(site.done) == 20
    assert sorted(command.key for command in site.commands) == sorted(site.done)


async def test_without_a_network_a_command_is_confirmed_as_saved_at_once(tab: OfflinePage) -> None:
    await tab.open()
    await tab.page.context.set_offline(True)
    result = await tab.send(waitMs=600_000)
    assert (result["state"], result["reason"]) == ("pending", "offline")
    await tab.page.context.set_offline(False)
    await expect(tab.status).to_have_text("All sent")


async def test_that_there_is_no_network_is_known_before_any_call_has_failed(tab: OfflinePage) -> None:
    await tab.page.add_init_script(UNHEARD)
    await tab.open()
    await tab.page.context.set_offline(True)
    result = await tab.send(waitMs=600_000)
    assert (result["state"], result["reason"]) == ("pending", "offline")


async def test_a_copy_of_what_waits_can_be_saved_as_a_file(tab: OfflinePage, tmp_path: Path) -> None:
    await tab.open()
    await tab.save("Rename the thing")
    async with tab.page.expect_download() as download:
        await tab.page.get_by_role("button", name="Save a copy").click()
    file = tmp_path / "copy.json"
    await (await download.value).save_as(file)
    assert [entry["describe"] for entry in json.loads(file.read_text())["entries"]] == ["Rename the thing"]


async def test_an_open_form_stays_while_another_entry_changes(site: OfflineSite, tab: OfflinePage) -> None:
    await tab.open()
    await tab.save("Rename the thing")
    await tab.item("Rename the thing").get_by_role("button", name="Edit").click()
    name = tab.item("Rename the thing").get_by_role("textbox", name="Name")
    await name.fill("half a wo")
    await tab.save("Paint the thing")
    await expect(tab.item("Paint the thing")).to_be_visible()
    await expect(name).to_be_focused()
    await expect(name).to_have_value("half a wo")


async def test_a_long_queue_shows_its_beginning_and_what_needs_its_person(site: OfflineSite, tab: OfflinePage) -> None:
    """Nobody reads a thousand rows, and a page that draws them anew at every answer does nothing else."""
    await tab.open()
    await tab.save(*(f"Change {number}" for number in range(60)))
    await expect(tab.queue.get_by_role("listitem")).to_have_count(50)
    more = tab.page.get_by_role("button", name="Show 10 more")
    await more.click()
    await expect(tab.queue.get_by_role("listitem")).to_have_count(60)
    await expect(more).to_be_hidden()
    assert "Change 50" in await tab.focused()
    await tab.send_now()
    await expect(tab.page.get_by_text("Nothing waits. ")).to_be_visible()

"""What people live through with work waiting on their device: each story ends with the ledger telling the truth."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from e2e.ledger.breaking import COMMANDS
from e2e.ledger.desk import Desk
from e2e.ledger.world import LedgerWorld, sign_in_again
from e2e.pages.shell import Shell
from e2e.stack import ROOT
from e2e.tests.conftest import NewDesk

# A page of an address that no app has ever shown here, and that every route pattern takes.
PARAMETER = "anything"
COOK = "mario"


def queue(desk: Desk, *marks: str, lane: str | None = None, tab: int = 0) -> None:
    """Do things; each is confirmed to the person."""
    wishes = [{"place": lane or "anywhere", "mark": mark, "lane": lane} for mark in marks]
    assert desk.call("queueAll", wishes, tab=tab) == list(marks)


def states(desk: Desk) -> list[str]:
    """The states of what waits, as the queue lists it."""
    return [entry["state"] for entry in desk.waiting()]


def marks(world: LedgerWorld, prefix: str, *, sub: str = "ada") -> list[str]:
    """What the ledger has."""
    return [mark for _, mark in world.lines(prefix, sub=sub)]


def test_two_tabs_and_the_worker_send_at_once(world: LedgerWorld, new_desk: NewDesk) -> None:
    """All three want to send the same commands in the same moment; each is delivered once."""
    desk = new_desk()
    desk.second_tab()
    world.proxy.cut_before_delivery(*COMMANDS, times=None)
    queue(desk, "two-a", "two-b", lane="two")
    queue(desk, "two-c", lane="two", tab=1)
    world.proxy.journal.clear()
    world.heal()
    for tab in (0, 1):
        desk.tab(tab).evaluate("() => void document.querySelector('#desk').outbox.sendNow()")
    desk.tab().evaluate("() => navigator.serviceWorker.controller.postMessage({ v: 1, kind: 'flush', sub: 'ada' })")
    desk.until_empty(1)
    assert marks(world, "two-") == ["two-a", "two-b", "two-c"]
    delivered = world.proxy.journal.delivered(*COMMANDS)
    assert len({one.headers["idempotency-key"] for one in delivered}) == len(delivered) == 3


def test_the_session_ends_in_the_middle_of_sending(world: LedgerWorld, new_desk: NewDesk) -> None:
    """Everything pauses without an attempt being spent, the person is asked to sign in, and then all of it is sent."""
    desk = new_desk()
    held = world.proxy.hold_before_delivery(*COMMANDS)
    queue(desk, "end-a", "end-b", "end-c", lane="end")
    held.wait()
    desk.expire()
    held.release()
    expect(desk.tab().locator("#desk portico-status")).to_contain_text("3 changes saved. Sign in to send them.")
    # The live connection may have been told before the first command was, which until then is being sent.
    expect(desk.tab().locator("#desk portico-queue").get_by_text("Waiting until you sign in")).to_have_count(3)
    assert states(desk) == ["paused"] * 3
    assert [entry["attempts"] for entry in desk.waiting()] == [0, 0, 0]
    assert marks(world, "end-") == []
    desk.come_back()
    desk.until_empty()
    assert marks(world, "end-") == ["end-a", "end-b", "end-c"]


def test_the_answer_of_an_ended_session_comes_after_the_next_sign_in(world: LedgerWorld, new_desk: NewDesk) -> None:
    """Who has signed in again meanwhile is not asked to once more: what it was the answer to is sent."""
    desk = new_desk()
    desk.expire()
    late = world.proxy.hold_before_reply(*COMMANDS)
    queue(desk, "late-a", "late-b", lane="late")
    late.wait()
    desk.come_back()
    assert states(desk) == ["inflight", "queued"]  # the worker is still waiting for the answer
    late.release()
    desk.until_empty()
    assert marks(world, "late-") == ["late-a", "late-b"]


def test_sending_does_not_wait_for_a_page_that_is_busy(world: LedgerWorld, new_desk: NewDesk) -> None:
    """Who has signed in can send at once, before the page had the time for what it leaves for later."""
    desk = new_desk(worker=False, init_script="window.requestIdleCallback = () => 0;")
    desk.expire()
    queue(desk, "busy-a")
    desk.outbox("sendNow")
    assert states(desk) == ["paused"]
    desk.come_back()
    desk.outbox("sendNow")
    assert states(desk) == []
    assert marks(world, "busy-") == ["busy-a"]


def test_another_person_neither_sees_nor_sends_it(world: LedgerWorld, new_desk: NewDesk) -> None:
    """Ada's session ends, Alan signs in at the same device: her command waits, unseen, until she is back."""
    desk = new_desk()
    world.proxy.cut_before_delivery(*COMMANDS, times=None)
    queue(desk, "hers-a")
    desk.context.clear_cookies()
    sign_in_again(desk.context.request, world.url, "alan")
    world.heal()  # only now: an attempt that left with her cookie must not arrive
    # Her page is still open, and would send with his cookie.
    desk.tab().evaluate("() => document.querySelector('#desk').outbox.sendNow()")
    assert states(desk) == ["paused"]
    desk.open()
    assert states(desk) == []
    assert desk.call("settle") == []
    expect(desk.tab().locator("#desk portico-queue")).not_to_contain_text("hers-a")
    assert marks(world, "hers-") == marks(world, "hers-", sub="alan") == []
    desk.context.clear_cookies()
    sign_in_again(desk.context.request, world.url)
    desk.open()
    desk.until_empty()
    assert marks(world, "hers-") == ["hers-a"]


def test_a_captive_portal_is_no_network(world: LedgerWorld, new_desk: NewDesk) -> None:
    """A hotel's page is never taken for an answer, not for a command and not for the page itself."""
    desk = new_desk()
    portal = world.proxy.captive_portal()
    queue(desk, "hotel-a")
    portal.wait()
    expect(desk.tab().locator("#desk portico-status")).to_contain_text("Offline. 1 change saved")
    desk.tab().goto("/ledger")
    expect(desk.tab().get_by_role("heading", level=1, name="Ledger")).to_be_visible()
    portal.release()
    redirect = world.proxy.captive_portal(redirect="http://portal.invalid/")
    desk.tab().goto("/ledger")
    expect(desk.tab().get_by_role("heading", level=1, name="Ledger")).to_be_visible()
    assert [entry["describe"] for entry in desk.waiting()] == ["Write hotel-a"]
    redirect.release()
    assert desk.call("settle") == []
    assert marks(world, "hotel-") == ["hotel-a"]


def test_nothing_depends_on_background_sync(world: LedgerWorld, new_desk: NewDesk) -> None:
    """In a browser without it, what waits is sent by itself when the network is back; nobody asks for it."""
    desk = new_desk(init_script="delete ServiceWorkerRegistration.prototype.sync; delete globalThis.SyncManager;")
    assert desk.tab().evaluate("'sync' in ServiceWorkerRegistration.prototype") is False
    world.proxy.refuse()
    queue(desk, "sync-a", "sync-b", lane="sync")
    expect(desk.tab().locator("#desk portico-status")).to_contain_text("Offline. 2 changes saved")
    world.heal()
    desk.until_empty()
    assert marks(world, "sync-") == ["sync-a", "sync-b"]


def test_without_a_service_worker_the_page_sends(world: LedgerWorld, new_desk: NewDesk) -> None:
    """Where service workers are blocked, everything but the kept pages works."""
    desk = new_desk(worker=False)
    cut = world.proxy.cut_before_reply(*COMMANDS)
    queue(desk, "page-a", "page-b", lane="page")
    cut.wait()
    desk.until_empty()
    assert marks(world, "page-") == ["page-a", "page-b"]


def test_a_conflict_waits_for_the_person(world: LedgerWorld, new_desk: NewDesk) -> None:
    """Somebody changed the same page meanwhile; mine, theirs or both is for the person to say."""
    desk = new_desk()
    world.put_page("shared", "as it was")
    world.proxy.refuse()
    desk.call("setPage", {"page": "shared", "text": "mine", "baseVersion": 1, "lane": "shared"})
    world.put_page("shared", "theirs")
    world.heal()
    (entry,) = desk.call("settle")
    assert (entry["state"], entry["lastProblem"]["status"]) == ("conflict", 412)
    expect(desk.tab().locator("#desk portico-status")).to_contain_text("1 change needs your attention")
    assert world.page_text("shared") == "theirs"
    desk.tab().get_by_role("button", name="Keep mine").click()
    desk.until_empty()
    assert world.page_text("shared") == "mine"


def sign_out(desk: Desk) -> None:
    """Ask to sign out, as people do."""
    Shell(desk.tab()).sign_out.click()


def waiting_desk(world: LedgerWorld, new_desk: NewDesk, mark: str) -> Desk:
    """Somebody with a command that does not get through."""
    desk = new_desk()
    world.proxy.cut_before_delivery(*COMMANDS, times=None)
    queue(desk, mark)
    return desk


def test_sign_out_and_send_now(world: LedgerWorld, new_desk: NewDesk) -> None:
    """What waits is sent first; then nothing of the person stays on the device."""
    desk = waiting_desk(world, new_desk, "out1-a")
    sign_out(desk)
    dialog = desk.tab().get_by_role("dialog")
    expect(dialog).to_contain_text("1 change has not been sent")
    world.heal()
    dialog.get_by_role("button", name="Send now, then sign out").click()
    expect(Shell(desk.tab()).sign_in).to_be_visible()
    assert marks(world, "out1-") == ["out1-a"]
    assert personal_databases(desk.tab()) == 0


def test_sign_out_and_keep(world: LedgerWorld, new_desk: NewDesk) -> None:
    """It waits for the same person's next sign-in on this device."""
    desk = waiting_desk(world, new_desk, "out2-a")
    sign_out(desk)
    desk.tab().get_by_role("button", name="Keep for my next sign-in").click()
    expect(Shell(desk.tab()).sign_in).to_be_visible()
    world.heal()
    assert marks(world, "out2-") == []
    sign_in_again(desk.context.request, world.url)
    desk.open()
    desk.until_empty()
    assert marks(world, "out2-") == ["out2-a"]


def test_sign_out_and_save_a_copy(world: LedgerWorld, new_desk: NewDesk, tmp_path: Path) -> None:
    """The file has everything; then the person discards, and the ledger never hears of it."""
    desk = waiting_desk(world, new_desk, "out3-a")
    sign_out(desk)
    dialog = desk.tab().get_by_role("dialog")
    with desk.tab().expect_download() as download:
        dialog.get_by_role("button", name="Save a copy as a file").click()
    download.value.save_as(tmp_path / "copy.json")
    assert "out3-a" in json.dumps(json.loads((tmp_path / "copy.json").read_text()))
    dialog.get_by_role("button", name="Discard and sign out").click()
    expect(Shell(desk.tab()).sign_in).to_be_visible()
    world.heal()
    assert personal_databases(desk.tab()) == 0
    sign_in_again(desk.context.request, world.url)
    desk.open()
    assert desk.call("settle") == []
    assert marks(world, "out3-") == []


def personal_databases(page: Page) -> int:
    """How many databases of persons this browser has, once those that are being deleted are gone (or after 5 s)."""
    script = """async () => {
      const left = async () => (await indexedDB.databases()).filter(({ name }) => name.startsWith('portico:')).length;
      const end = performance.now() + 5000;
      while ((await left()) > 0 && performance.now() < end) await new Promise(requestAnimationFrame);
      return left();
    }"""
    return int(page.evaluate(script))


def offered_routes(role: str) -> list[str]:
    """An address for every route that somebody with a role is offered, of every app here that says it works offline."""
    manifests = [*(ROOT / "microapps").glob("*/app.json"), ROOT / "e2e/ledger/app/app.json"]
    offered = [document for path in manifests if "offline" in (document := json.loads(path.read_text()))]
    routes = [
        route for document in offered for route in document.get("routes", []) if route.get("slot", "main") == "main"
    ]
    paths = [route["path"] for route in routes if role in route.get("roles", [role])]
    return sorted("/".join(PARAMETER if part[:1] == ":" else part for part in path.split("/")) for path in paths)


@pytest.mark.parametrize(("sub", "role"), [("ada", "customer"), (COOK, "cook"), ("karim", "courier")])
def test_every_offered_route_opens_without_a_network(
    world: LedgerWorld, new_desk: NewDesk, sub: str, role: str
) -> None:
    """The browser was here once, was killed, and starts where there is no network at all."""
    desk = new_desk(sub=sub)
    desk.kill()
    world.proxy.refuse()
    page = desk.start_cold()
    routes = offered_routes(role)
    assert routes
    for route in routes:
        page.goto(route)
        main = page.get_by_role("main")
        expect(main.get_by_role("heading", level=1).first, route).to_be_visible()
        expect(main, route).not_to_contain_text("not kept on this device")
        expect(main.locator("[data-app]").first, route).to_be_visible()


def test_an_address_that_no_app_has_says_so(world: LedgerWorld, new_desk: NewDesk) -> None:
    """It is the platform's own page that says it, not the browser's."""
    desk = new_desk()
    world.proxy.refuse()
    desk.tab().goto("/nowhere/at/all")
    expect(desk.tab().get_by_role("main")).to_contain_text("not kept on this device")

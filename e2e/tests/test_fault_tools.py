"""The kit's fault tools do to a real browser and a real platform what they promise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from e2e.pages.provider import SignInPage
from e2e.pages.shell import Shell
from e2e.stack import Stack, browser_arguments
from e2e.tests.conftest import NewContext
from portico.bff.testing.faults import FaultProxy

if TYPE_CHECKING:
    from portico.bff.testing.plugin import ExpireSession, Harm, KillBrowser, TwoTabs

CALL = """async (path) => {
  try {
    const answer = await fetch(path, { headers: { 'X-Portico': '1' }, redirect: 'manual', cache: 'no-store' });
    return `${answer.status || answer.type} ${(await answer.text()).slice(0, 9)}`;
  } catch (error) {
    return error.name;
  }
}"""
READ = "/api/menu/restaurants"


@pytest.fixture(scope="session")
def portico_url(stack: Stack) -> str:
    return stack.url


@pytest.fixture
def context(new_context: NewContext, fault_proxy: FaultProxy) -> BrowserContext:
    return new_context(fault_proxy.url, service_workers="block")


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Signed in, on a page that calls nothing of what the tests count."""
    page = context.new_page()
    SignInPage(page).sign_in("Ada Lovelace")
    page.goto("/activity")
    return page


def call(page: Page) -> str:
    """What the page sees of a call: its status and how its body begins, or the error's name."""
    return str(page.evaluate(CALL, READ))


def test_a_platform_that_runs_already_works_behind_the_proxy(page: Page, fault_proxy: FaultProxy) -> None:
    """People sign in through it, and their calls arrive."""
    assert page.url.startswith(fault_proxy.url)
    assert call(page) == '200 {"items":'
    assert fault_proxy.journal.answered("GET", READ)


def test_the_page_sees_each_cut_once(
    page: Page, fault_proxy: FaultProxy, cut_before_delivery: Harm, cut_before_reply: Harm, cut_mid_body: Harm
) -> None:
    """Chromium repeats nothing behind the page's back, though its connections are kept ones."""
    for cut, delivered in ((cut_before_delivery, 0), (cut_before_reply, 1), (cut_mid_body, 1)):
        assert call(page) == '200 {"items":'
        fault_proxy.journal.clear()
        cut("GET", READ)
        assert call(page) == "TypeError"
        assert len(fault_proxy.journal.all("GET", READ)) == 1
        assert len(fault_proxy.journal.delivered("GET", READ)) == delivered


def test_a_stale_connection_is_mended_by_the_browser(page: Page, fault_proxy: FaultProxy) -> None:
    """The request was run twice, and the page knows of one."""
    assert call(page) == '200 {"items":'
    fault_proxy.journal.clear()
    fault_proxy.cut_before_reply("GET", READ, repeatable=True)
    assert call(page) == '200 {"items":'
    assert len(fault_proxy.journal.delivered("GET", READ)) == 2


def test_a_captive_portal_and_a_slow_network(page: Page, captive_portal: Harm, slow: Harm) -> None:
    """The portal answers 200 with its page, or sends people to itself; slow answers are whole."""
    portal = captive_portal()
    assert call(page) == "200 <!doctype"
    portal.release()
    portal = captive_portal(redirect="http://portal.invalid/")
    assert call(page) == "opaqueredirect "
    portal.release()
    rule = slow("GET", READ, bytes_per_s=1_000_000)
    assert call(page) == '200 {"items":'
    assert rule.fired == 1


def test_an_expired_session_leaves_the_browser_its_cookie(
    page: Page, context: BrowserContext, expire_session: ExpireSession
) -> None:
    """The next call is answered 401, as it is when a session's time is over."""
    before = context.cookies()
    assert call(page).startswith("200")
    expire_session(context)
    assert context.cookies() == before
    assert call(page).startswith("401")


def test_two_tabs_share_what_a_browser_keeps(
    context: BrowserContext, fault_proxy: FaultProxy, two_tabs: TwoTabs
) -> None:
    """A message of the one reaches the other."""
    first, second = two_tabs(context, fault_proxy.url)
    first.evaluate("localStorage.setItem('word', 'hello')")
    second.wait_for_function("() => localStorage.getItem('word') === 'hello'")  # it goes from process to process
    expect(Shell(second).navigation).to_be_visible()


def test_a_browser_that_was_killed_starts_with_what_was_on_disk(
    browser: Browser, chromium_path: str | None, fault_proxy: FaultProxy, kill_browser: KillBrowser
) -> None:
    """A strict commit survives SIGKILL; the processes are gone, and the same profile opens again."""
    strict = """(word) => new Promise((resolve, reject) => {
      const opening = indexedDB.open('kept', 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore('words');
      opening.onerror = () => reject(opening.error);
      opening.onsuccess = () => {
        const work = opening.result.transaction('words', 'readwrite', { durability: 'strict' });
        const store = work.objectStore('words');
        const found = store.get('word');
        if (word) store.put(word, 'word');
        work.oncomplete = () => resolve(found.result ?? null);
      };
    })"""
    options = {"executable_path": chromium_path, "args": list(browser_arguments())}
    mortal = kill_browser(browser.browser_type, **options)
    mortal.page.goto(fault_proxy.url)
    assert mortal.page.evaluate(strict, "hello") is None
    mortal.kill()
    with pytest.raises(RuntimeError, match="does not run"):
        _ = mortal.page
    mortal.start()
    mortal.page.goto(fault_proxy.url)
    assert mortal.page.evaluate(strict, None) == "hello"

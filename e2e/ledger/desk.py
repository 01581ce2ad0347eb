"""The ledger's page in a browser that may die: what tests do there, and how they come back."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType, CDPSession, Error, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from e2e.ledger.world import LedgerWorld, sign_in_again
from e2e.stack import browser_arguments
from portico.bff.testing.browsers import PersistentBrowser, expire_session

# Until the worker controls the page and has kept what pages are made of, of which it writes the list last; false after
# a while without.
READY = """async (limit) => {
  const end = Date.now() + limit;
  const isKept = async () => {
    for (const name of await caches.keys())
      for (const { url } of await (await caches.open(name)).keys())
        if (new URL(url).pathname === '/_portico/offline.json') return true;
    return false;
  };
  while (!navigator.serviceWorker.controller || !(await isKept())) {
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}"""
EMPTY = """(limit) => new Promise((resolve) => {
  setTimeout(resolve, limit, false);
  document.querySelector('#desk').outbox.subscribe((entries) => entries.length === 0 && resolve(true));
})"""
PATIENCE_MS = 15_000


class Desk:
    """A person's browser at the ledger. Tab 0 is always there; tab 1 sometimes."""

    def __init__(
        self,
        world: LedgerWorld,
        browser_type: BrowserType,
        profile: Path,
        executable: str | None,
        *,
        worker: bool = True,
        init_script: str | None = None,
        sub: str = "ada",
    ) -> None:
        """`worker=False` blocks service workers; `init_script` runs in every page before anything else does."""
        self.world = world
        self._sub = sub
        self._init_script = init_script
        self.signed_in = False
        self.went = 0
        """How often a page was gone to."""
        self.held = 0
        """How often the browser held on to that, or to a page, for ever, and was ended."""
        self._worker = worker
        self._tabs: list[Page] = []
        self._sessions: dict[Page, CDPSession] = {}
        self._browser = PersistentBrowser(
            browser_type,
            profile,
            executable_path=executable,
            args=list(browser_arguments()),
            base_url=world.url,
            service_workers="allow" if worker else "block",
        )

    def __enter__(self) -> Desk:
        self.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._browser.close()

    @property
    def context(self) -> BrowserContext:
        return self._browser.context

    @property
    def is_dead(self) -> bool:
        """Whether the browser has ended by itself."""
        return self._browser.is_dead

    def tab(self, number: int = 0) -> Page:
        """A tab; the first one when there is no other."""
        return self._tabs[number] if number < len(self._tabs) else self._tabs[0]

    def start(self) -> None:
        """Start the browser, sign in, open the ledger, and wait until it would open without a network."""
        self.start_cold()
        self.come_back()

    def start_cold(self) -> Page:
        """Start the browser, and open nothing yet."""
        context = self._browser.start()
        context.set_default_timeout(10_000)
        if self._init_script is not None:
            context.add_init_script(self._init_script)
        self._tabs = [self._browser.page]
        return self.tab()

    def come_back(self) -> None:
        """Sign in, if need be, and have the ledger open in the first tab. The network must work.

        A page whose worker was stopped at a bad moment may answer the debugger no more, and Chromium 150 may die of it
        (`bad_optional_access` in its own process); then the browser is started again on its profile, as a person would.
        """
        try:
            self._come_back()
        except PlaywrightTimeout:
            self.give_up()
            self._come_back()
        except Error:
            if not self.is_dead:
                raise
            self.kill()
            self._come_back()

    def _come_back(self) -> None:
        if not self._browser_runs:
            self.start()
            return
        if not self.signed_in:
            sign_in_again(self.context.request, self.world.url, self._sub)
            self.signed_in = True
            self.open()
        elif not self.is_open():
            self.open()

    def open(self, number: int = 0, path: str = "/ledger") -> None:
        """Open the ledger in a tab."""
        page = self.tab(number)
        self.went += 1
        page.goto(path)
        page.locator("#desk").wait_for()
        if self._worker:
            assert page.evaluate(READY, PATIENCE_MS), "the worker keeps no document"

    def is_open(self, number: int = 0) -> bool:
        """Whether a tab shows the ledger."""
        answer = self.tab(number).locator("#desk, body:not(:has(#desk))").first
        answer.wait_for(state="attached")  # with a time limit, which a count does not have
        return self.tab(number).locator("#desk").count() > 0

    def second_tab(self) -> None:
        """Open another tab, if there is none; it may find no network and nothing to show."""
        if len(self._tabs) == 1:
            self._tabs.append(self.context.new_page())
            self.try_to_open(1)

    def close_tab(self) -> None:
        """Close the first tab. The last one is opened anew."""
        closed = self._tabs.pop(0)
        if not self._tabs:
            self._tabs.append(self.context.new_page())
        closed.close()
        if not self.is_open():
            self.try_to_open(0)

    def try_to_open(self, number: int = 0) -> None:
        """Go to the ledger, whatever comes of it in a network that fails.

        With a debugger attached, Chromium 150 may hold a navigation for ever that it gives to a worker just as another
        one replaces it (with a worker of ten lines, too: 5 in 296; without a debugger not once in 944). Whoever waits
        in vain goes there again, which ends the first navigation. Where the second is held as well, Playwright's
        TimeoutError says so: a person would end the browser.
        """
        try:
            self._go(number)
        except PlaywrightTimeout:
            self._go(number)

    def _go(self, number: int) -> None:
        self.went += 1
        try:
            self.tab(number).goto("/ledger", timeout=8_000)
        except PlaywrightTimeout:
            raise
        except Error:
            return
        with suppress(Error):  # a page that asks to sign in, or one of the browser's own, without a heading
            self.tab(number).locator("main h1").wait_for(timeout=8_000)

    def call(self, tool: str, *arguments: object, tab: int = 0) -> Any:
        """Use one of the desk's tools; Error of Playwright's if the page is not there (any more)."""
        script = "([tool, given]) => document.querySelector('#desk')[tool](...given)"
        return self.evaluate(script, [tool, list(arguments)], tab=tab)

    def evaluate(self, script: str, argument: object = None, *, tab: int = 0) -> Any:
        """Run a script in a tab; Playwright's TimeoutError where a navigation hangs: it would wait for that."""
        self.is_open(tab)
        return self.tab(tab).evaluate(script, argument)

    def waiting(self, tab: int = 0) -> list[dict[str, Any]]:
        """What the queue shows."""
        script = "() => document.querySelector('#desk').outbox.entries()"
        entries: list[dict[str, Any]] = self.evaluate(script, tab=tab)
        return entries

    def until_empty(self, tab: int = 0) -> None:
        """Wait until nothing waits any more, without asking for anything."""
        assert self.evaluate(EMPTY, PATIENCE_MS, tab=tab), f"this still waits: {self.waiting(tab)}"

    def outbox(self, verb: str, *arguments: object) -> Any:
        """What the person does to the queue: `retry`, `discard`, `edit`, `resolve`, `sendNow`, `export`."""
        script = "([verb, given]) => document.querySelector('#desk').outbox[verb](...given)"
        return self.evaluate(script, [verb, list(arguments)])

    def stop_worker(self) -> None:
        """Stop the service worker at once, as the browser does when it wants the memory."""
        page = self.tab()
        session = self._sessions.get(page)
        if session is None:
            session = self._sessions[page] = self.context.new_cdp_session(page)
            session.send("ServiceWorker.enable")
        session.send("ServiceWorker.stopAllWorkers")

    def kill(self) -> None:
        """SIGKILL. The session cookie dies with the browser."""
        self._browser.kill()
        self._tabs = []
        self._sessions.clear()
        self.signed_in = False

    def give_up(self) -> None:
        """End a browser that holds on to a page for ever."""
        self.held += 1
        self.kill()

    def expire(self) -> None:
        """End the session at the platform."""
        if self.signed_in:
            expire_session(self.context, self.world.url, address=self.world.stack.address)
            self.signed_in = False

    @property
    def _browser_runs(self) -> bool:
        return bool(self._tabs)

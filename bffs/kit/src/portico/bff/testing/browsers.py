"""A browser that dies and comes back, and other things that happen to people's browsers; with Playwright's sync API."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from portico.bff.testing.processes import kill_tree, processes

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, BrowserType, Page

_PATIENCE_S = 10.0
SESSION_COOKIES = ("portico", "__Host-portico")


class PersistentBrowser:
    """A Chromium with a profile on disk, in `profile`: `kill` it as a crash would, then `start` the same profile again.

    `browser_type` is Playwright's (`browser.browser_type` of one that runs already); `options` go to its
    `launch_persistent_context`. What is on disk survives: databases, caches, service workers. The session cookie does
    not, as in people's browsers: whoever comes back signs in again.
    """

    def __init__(self, browser_type: BrowserType, profile: Path, **options: Any) -> None:
        self._type = browser_type
        self._profile = profile
        self._options = options
        self._context: BrowserContext | None = None
        self.is_dead = False
        """Whether it has ended by itself since it was started: browsers crash, too."""

    @property
    def context(self) -> BrowserContext:
        """The context that runs now."""
        if self._context is None:
            raise RuntimeError("the browser does not run; start() it")
        return self._context

    @property
    def page(self) -> Page:
        """Its first page."""
        return self.context.pages[0] if self.context.pages else self.context.new_page()

    def start(self) -> BrowserContext:
        """Start the browser with this profile."""
        if self._context is not None:
            raise RuntimeError("the browser runs already; kill() or close() it")
        # A browser that was killed leaves these behind, and the next one would take it for alive.
        for lock in self._profile.glob("Singleton*"):
            lock.unlink()
        self._context = self._type.launch_persistent_context(self._profile, **self._options)
        self.is_dead = False
        self._context.on("close", self._died)
        return self._context

    def kill(self) -> None:
        """End every process of the browser with SIGKILL: nothing gets a chance to write or to say goodbye."""
        context, self._context = self.context, None
        if self.is_dead:
            return
        with context.expect_event("close"):
            kill_tree(self._main_process())

    def _died(self, context: BrowserContext) -> None:
        self.is_dead = context is self._context

    def restart(self) -> BrowserContext:
        """Kill and start."""
        self.kill()
        return self.start()

    def close(self) -> None:
        """Close in good manners, if it runs."""
        context, self._context = self._context, None
        if context is not None:
            context.close()

    def __enter__(self) -> PersistentBrowser:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        """Close."""
        self.close()

    def _main_process(self) -> int:
        argument = f"--user-data-dir={self._profile}"
        ours = {process.pid: process for process in processes() if argument in process.command}
        return next(pid for pid, process in ours.items() if process.parent not in ours)


def two_tabs(context: BrowserContext, url: str) -> tuple[Page, Page]:
    """Two pages of one browser at the same address: they share databases, caches, locks and the service worker."""
    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto(url)
    return first, second


def expire_session(context: BrowserContext, url: str, *, address: str | None = None) -> None:
    """End the browser's session at the platform, as time or an administrator would, and leave the browser its cookie.

    The next call is answered 401. It is done by a sign-out from another client with the same cookie. `url` is the
    platform's as people see it; `address` is where it is asked, past a proxy that may be failing just now.
    """
    cookies = [f"{one['name']}={one['value']}" for one in context.cookies(url) if one.get("name") in SESSION_COOKIES]
    if not cookies:
        raise RuntimeError(f"nobody is signed in at {url} in this browser")
    request = urllib.request.Request(  # noqa: S310 - the test's own platform
        f"{(address or url).rstrip('/')}/auth/sign-out",
        method="POST",
        data=b"",
        headers={"Cookie": "; ".join(cookies), "Sec-Fetch-Site": "same-origin", "Host": urlsplit(url).netloc},
    )
    urllib.request.build_opener(_Stay).open(request, timeout=_PATIENCE_S).close()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for the answer that it is."""

    def http_error_303(self, _request: object, answer: Any, *_: object) -> Any:
        """The answer itself."""
        return answer

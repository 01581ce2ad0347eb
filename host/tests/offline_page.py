"""A page of the small site, as a person and as a micro-app use it."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, Page

from host.tests.axe import violations
from host.tests.offline_site import OfflineSite

SEND = """async (request) => {
  const { command } = await import('@portico/sdk/offline');
  const { apiFor } = await import('@portico/sdk');
  const result = await command(apiFor('things'), request);
  if (result.state !== 'rejected') return result;
  const { error, ...rest } = result;
  return { ...rest, code: error.code, status: error.status, message: error.message };
}"""
STATUS = "async () => (await import('@portico/sdk/offline')).status.get()"
CONNECTED = """async () => {
  const { status } = await import('@portico/sdk/offline');
  await new Promise((connected) => status.subscribe(({ live }) => live === 'stream' && connected()));
}"""
LISTEN = """async () => {
  const { live } = await import('@portico/sdk/offline');
  window.heard = [];
  live.on('things.thing-changed', ({ data }) => heard.push(data));
}"""
HELD_DATABASES = """const held = new Promise((go) => { window.letOpen = go; });
const listen = EventTarget.prototype.addEventListener;
IDBOpenDBRequest.prototype.addEventListener = function (type, listener, ...rest) {
  const later = (event) => held.then(() => listener.call(this, event));
  listen.call(this, type, type === 'success' ? later : listener, ...rest);
};"""
"""A script: what is kept on the device is not to be had before `letOpen()`."""

QUEUE = "<h1>Activity</h1><portico-queue></portico-queue>"
INBOX = '<h1>Messages</h1><portico-unread href="/activity"></portico-unread><portico-inbox></portico-inbox>'


class OfflinePage:
    """One tab."""

    def __init__(self, page: Page, site: OfflineSite) -> None:
        self.page = page
        self.site = site
        self.status = page.get_by_role("status").and_(page.locator("portico-status"))
        self.queue = page.get_by_role("list", name="What waits to be sent")
        self.messages = page.get_by_role("list", name="Messages")
        self.toasts = page.get_by_role("log", name="New messages")
        self.dialog = page.get_by_role("dialog")

    async def open(self, path: str = "/") -> OfflinePage:
        """Open a page, and wait until what the runtime loads when it is idle has started."""
        await self.page.goto(self.site.url + path)
        await self.page.evaluate("customElements.whenDefined('portico-status').then(() => null)")
        return self

    async def send(self, describe: str = "Rename the thing", **request: Any) -> Any:
        """Run a command as a micro-app does, and return its result."""
        # What is to be answered at once is, only not on a busy machine: there the usual three seconds may be too short.
        asked = {"path": "/things", "body": {"name": "Lamp"}, "describe": describe, "waitMs": 60_000, **request}
        return await self.page.evaluate(SEND, asked)

    async def save(self, *describes: str) -> None:
        """Save commands while the server is away."""
        self.site.away = True
        for describe in describes:
            assert (await self.send(describe, waitMs=0))["state"] == "pending"

    async def send_now(self) -> None:
        """The server is back: send what waits, as `Send all now` does."""
        self.site.away = False
        await self.page.evaluate("async () => (await import('@portico/sdk/offline')).outbox.sendNow()")

    def item(self, describe: str) -> Locator:
        return self.queue.get_by_role("listitem").filter(has_text=describe)

    async def state(self) -> Any:
        return await self.page.evaluate(STATUS)

    async def connected(self) -> None:
        """Wait until this page hears of the browser's live connection, whichever page holds it."""
        await self.page.evaluate(CONNECTED)

    async def listen(self) -> None:
        await self.page.evaluate(LISTEN)

    async def heard(self, count: int) -> Any:
        """What `live.on` was told, once it was told so many."""
        await self.page.wait_for_function("(count) => heard.length >= count", arg=count)
        return await self.page.evaluate("() => heard")

    async def focused(self) -> str:
        """The text of what has the focus."""
        return str(await self.page.evaluate("() => document.activeElement.textContent"))

    async def check(self) -> None:
        """Neither axe violations nor sideways scrolling."""
        # Named, for pytest explains no assertion of a helper's module.
        found = await violations(self.page)
        assert found == [], found
        assert await self.page.evaluate(
            "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )

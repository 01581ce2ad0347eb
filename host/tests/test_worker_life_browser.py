"""The worker's own life in a real browser: replaced, stopped, woken, short of room, and nothing gets lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import CDPSession, Page, expect
from starlette.responses import JSONResponse

from host.tests.browsers import launched
from host.tests.worker_site import Fault, WorkerSite, notes, online, until, visit
from tools.browser import installed

pytestmark = pytest.mark.asyncio(loop_scope="session")

ADA = "idp|ada"
CHANGE = """async ([sub, things]) => {
  const local = await window.openLocal(sub);
  await local.outbox.enqueue({
    app: 'notes', describe: 'Change a thing', method: 'PUT', url: '/api/notes/things/1', body: { things },
    updates: [{ app: 'notes', read: { path: '/things/1' }, merge: { things } }],
  });
  local.close();
}"""
WAITING = "async () => Boolean((await window.portico.registration()).waiting)"
KEEPS = """async (path) => Boolean(await caches.match(path))"""


@dataclass
class Workers:
    """The browser's own view of its workers (Chrome DevTools Protocol)."""

    cdp: CDPSession
    origin: str
    registration: str | None = None

    async def stop(self) -> None:
        """End every worker at once, whatever it is doing."""
        await self.cdp.send("ServiceWorker.stopAllWorkers")

    def updated(self, event: dict[str, Any]) -> None:
        for registration in event["registrations"]:
            self.registration = registration["registrationId"]

    async def dispatch(self, method: str, **parameters: object) -> None:
        """Let something happen to the registration."""
        assert self.registration is not None
        arguments = {"origin": self.origin, "registrationId": self.registration, **parameters}
        await self.cdp.send(f"ServiceWorker.{method}", arguments)


@pytest_asyncio.fixture(loop_scope="session")
async def workers(page: Page, site: WorkerSite) -> Workers:
    return await workers_of(page, site)


async def workers_of(page: Page, site: WorkerSite) -> Workers:
    cdp = await page.context.new_cdp_session(page)
    workers = Workers(cdp, f"{site.url}/")
    cdp.on("ServiceWorker.workerRegistrationUpdated", workers.updated)
    await cdp.send("ServiceWorker.enable")
    return workers


@pytest.fixture
def whole_chromium_path() -> str | None:
    return installed(whole=True)


@pytest_asyncio.fixture(loop_scope="session")
async def whole_page(whole_chromium_path: str | None) -> AsyncIterator[Page]:
    """A page of the whole browser: a headless shell shows no notifications."""
    async with launched(whole_chromium_path) as browser:
        context = await browser.new_context()
        context.set_default_timeout(10_000)
        yield await context.new_page()


async def ask(page: Page, path: str, answer: str, about: str) -> None:
    """Let the app ask for a path, and wait until it shows this answer and what the worker says of it."""
    await page.wait_for_function("() => window.ask")  # the app has mounted
    await page.evaluate("(path) => window.ask(path)", path)
    await expect(page.get_by_label("Answer")).to_contain_text(answer)
    await expect(page.get_by_label("About")).to_have_text(about)


async def learn(page: Page, path: str, answer: str) -> None:
    """Let the app ask for a path, and wait until its fresh answer is kept: the page has it before that."""
    await ask(page, path, answer, "fresh")
    await until(page, KEEPS, f"/api/notes{path}")


async def tell(page: Page, answer: str, **message: object) -> None:
    """Send the worker a message and wait for its answer."""
    await page.evaluate("(message) => { window.portico.heard.length = 0; window.portico.tell(message); }", message)
    await page.wait_for_function("(kind) => window.portico.heard.some((told) => told.kind === kind)", arg=answer)


async def newer_worker(page: Page, site: WorkerSite) -> None:
    """Build the platform anew, and wait until its worker waits."""
    site.build("2")
    await page.evaluate("async () => void (await window.portico.registration()).update()")
    await until(page, WAITING)


TOOK_OVER = """async () => {
  const { waiting } = await window.portico.registration();
  if (waiting) window.portico.tell({ kind: 'activate' }, waiting);
  return !waiting;
}"""
TAKE_OVER = """async () => {
  const { waiting } = await window.portico.registration();
  window.taken = new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
  window.portico.tell({ kind: 'activate' }, waiting);
}"""


async def test_a_newer_worker_waits_and_takes_over_when_told_without_breaking_the_open_page(
    page: Page, site: WorkerSite
) -> None:
    await visit(page, site, who="ada")
    await newer_worker(page, site)
    await page.reload()
    await expect(page.get_by_role("heading", name="Notes first /")).to_be_visible()
    await page.wait_for_function("() => window.portico")
    assert await page.evaluate(WAITING)
    await page.evaluate(TAKE_OVER)
    await page.evaluate("() => window.taken.then(() => true)")
    assert not await page.evaluate(WAITING)
    await page.evaluate("() => window.late()")
    await expect(page.get_by_label("Answer")).to_have_text("late")
    site.cut()
    await page.goto(f"{site.url}/notes/1")
    await expect(page.get_by_role("heading", name="Notes first /notes/1")).to_be_visible()


async def test_a_newer_worker_does_not_take_over_while_something_is_being_sent(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await newer_worker(page, site)
    await page.evaluate(
        """(name) => new Promise((held) => {
          navigator.locks.request(name, () => { held(); return new Promise((resolve) => { window.sent = resolve; }); });
        })""",
        f"portico-outbox:{ADA}",
    )
    await page.evaluate(TAKE_OVER)
    waits = "async (name) => (await navigator.locks.query()).pending.some((lock) => lock.name === name)"
    await until(page, waits, f"portico-outbox:{ADA}")
    assert await page.evaluate(WAITING)
    await page.evaluate("() => window.sent()")
    await page.evaluate("() => window.taken.then(() => true)")
    assert not await page.evaluate(WAITING)


async def test_a_newer_worker_does_not_take_over_while_a_page_speaks_another_version(
    page: Page, site: WorkerSite
) -> None:
    await visit(page, site, who="ada")
    other = await page.context.new_page()
    await visit(other, site)
    await tell(other, "ready", kind="hello", revision=1, sub=ADA, version=2)
    await newer_worker(page, site)
    await page.evaluate(TAKE_OVER)
    greeting = {"kind": "hello", "revision": 1, "sub": ADA, "version": 1}
    await page.evaluate(
        "async (message) => { const { waiting } = await window.portico.registration();"
        " window.portico.heard.length = 0; window.portico.tell(message, waiting); }",
        greeting,
    )
    await page.wait_for_function("() => window.portico.heard.some(({ kind }) => kind === 'ready')")
    assert await page.evaluate(WAITING)
    await other.close()
    # Asked again and again: a browser may list a page among the open ones for a moment after it has gone.
    await until(page, TOOK_OVER)


async def test_a_waiting_command_shows_in_kept_answers_until_it_is_done(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1", '"things":["one"]')
    site.cut()
    await page.evaluate(CHANGE, [ADA, ["two"]])
    await ask(page, "/things/1", '"things":["two"]', "kept, Portico-Stale: network, Portico-Pending: 1")
    await page.reload()
    await ask(page, "/things/1", '"things":["two"]', "kept, Portico-Stale: network, Portico-Pending: 1")
    site.heal()
    await ask(page, "/things/1", '"things":["two"]', "Portico-Pending: 1")
    await tell(page, "flushed", kind="flush", sub=ADA, now=True)
    assert (site.things, site.changes) == (["two"], 1)
    site.cut()
    await ask(page, "/things/1", '"things":["two"]', "kept, Portico-Stale: network")
    site.heal()
    await ask(page, "/things/1", '"things":["two"]', "fresh")


async def test_a_refused_command_leaves_kept_answers_as_they_were(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1", '"things":["one"]')
    await page.evaluate(CHANGE, [ADA, ["two"]])
    site.refusal = 422
    await tell(page, "flushed", kind="flush", sub=ADA, now=True)
    site.cut()
    await ask(page, "/things/1", '"things":["one"]', "kept, Portico-Stale: network")


async def test_a_network_that_is_back_wakes_the_worker_and_it_sends(
    page: Page, site: WorkerSite, workers: Workers
) -> None:
    await visit(page, site, who="ada")
    await page.evaluate(CHANGE, [ADA, ["two"]])
    await workers.stop()
    await workers.dispatch("dispatchSyncEvent", tag="portico-outbox", lastChance=False)
    gone = """async (sub) => {
      const local = await window.openLocal(sub);
      const entries = await local.outbox.entries();
      local.close();
      return entries.length === 0;
    }"""
    await until(page, gone, ADA)
    assert site.changes == 1


async def test_a_push_message_is_shown_also_by_a_worker_that_was_stopped(whole_page: Page, site: WorkerSite) -> None:
    page, workers = whole_page, await workers_of(whole_page, site)
    await page.context.grant_permissions(["notifications"], origin=site.url)
    await visit(page, site, who="ada")
    await workers.stop()
    data = '{"id": "e.1", "title": "A thing changed", "body": "It is blue now", "href": "/notes/1"}'
    for _ in range(2):
        await workers.dispatch("deliverPushMessage", data=data)
    shown = """async () => {
      const found = await (await window.portico.registration()).getNotifications();
      return found.map(({ title, body, data, tag }) => ({ title, body, data, tag }));
    }"""
    await until(page, f"async () => (await ({shown})()).length > 0")
    expected = {"title": "A thing changed", "body": "It is blue now", "data": {"href": "/notes/1"}, "tag": "e.1"}
    assert await page.evaluate(shown) == [expected]


async def test_a_worker_that_is_stopped_at_any_time_loses_nothing(
    page: Page, site: WorkerSite, workers: Workers
) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1", '"of":"idp|ada"')
    site.cut()
    await workers.stop()
    await ask(page, "/things/1", '"of":"idp|ada"', "kept, Portico-Stale: network")
    await workers.stop()
    await page.goto(f"{site.url}/notes/1")
    await expect(page.get_by_role("heading", name="Notes first /notes/1")).to_be_visible()
    site.heal()
    site.faults["/api"] = Fault(hang=True)
    await page.evaluate("() => void window.ask('/things/2')")
    await site.reached("/api/notes/things/2")
    await workers.stop()
    site.released.set()
    await ask(page, "/things/3", '"of":"idp|ada"', "fresh")
    await ask(page, "/things/2", '"of":"idp|ada"', "fresh")


async def test_a_worker_that_is_stopped_while_it_keeps_a_new_release_leaves_the_old_one_whole(
    page: Page, site: WorkerSite, workers: Workers
) -> None:
    await visit(page, site, who="ada")
    second = notes("second", late=b"export const late = 'later';")
    site.deploy(second, online())
    slow = second[0].url("late.js")
    site.faults[slow] = Fault(hang=True)
    other = await page.context.new_page()
    await other.goto(site.url)
    await expect(other.get_by_role("heading", name="Notes second /")).to_be_visible()
    await site.reached(slow)
    await workers.stop()
    await other.close()
    site.faults["/"] = Fault(portal=True)
    await page.goto(f"{site.url}/notes/1")
    await expect(page.get_by_role("heading", name="Notes first /notes/1")).to_be_visible()
    await page.evaluate("() => window.late()")
    await expect(page.get_by_label("Answer")).to_have_text("late")
    site.faults.clear()
    site.released.set()
    await visit(page, site)
    site.cut()
    await page.goto(f"{site.url}/notes/1")
    await expect(page.get_by_role("heading", name="Notes second /notes/1")).to_be_visible()


async def test_a_device_that_runs_out_of_room_drops_old_answers_and_never_what_waits_to_be_sent(
    page: Page, site: WorkerSite, workers: Workers
) -> None:
    await visit(page, site, who="ada")
    await page.evaluate(CHANGE, [ADA, ["two"]])
    usage = await page.evaluate("async () => (await navigator.storage.estimate()).usage")
    await workers.cdp.send("Storage.overrideQuotaForOrigin", {"origin": site.url, "quotaSize": int(usage) + 3_000_000})
    for number in range(12):
        site.answers[f"/swr/{number}"] = JSONResponse({"number": number, "filler": "x" * 600_000})
        await ask(page, f"/swr/{number}", f'"number":{number}', "fresh")
    await until(page, KEEPS, "/api/notes/swr/11")
    assert not await page.evaluate(KEEPS, "/api/notes/swr/0")
    site.cut()
    await page.goto(f"{site.url}/notes/1")
    await expect(page.get_by_role("heading", name="Notes first /notes/1")).to_be_visible()
    await page.evaluate(CHANGE, [ADA, ["three"]])
    waiting = """async (sub) => {
      const local = await window.openLocal(sub);
      const entries = await local.outbox.entries();
      local.close();
      return entries.length;
    }"""
    assert await page.evaluate(waiting, ADA) == 2


# Chromium measures IndexedDB's room only now and then, so the full device is a store that takes nothing for a while.
FULL = """() => {
  const put = IDBObjectStore.prototype.put;
  const drop = CacheStorage.prototype.delete;
  IDBObjectStore.prototype.put = function (...args) {
    if (this.name === 'entries') throw new DOMException('full', 'QuotaExceededError');
    return put.apply(this, args);
  };
  CacheStorage.prototype.delete = function (name) {
    if (name.startsWith('portico-reads:')) IDBObjectStore.prototype.put = put;
    return drop.call(this, name);
  };
}"""


async def test_kept_answers_give_way_to_a_command_when_there_is_no_other_room(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/swr/1", '"of":"idp|ada"')
    await page.evaluate(FULL)
    await page.evaluate(CHANGE, [ADA, ["two"]])
    assert not await page.evaluate(KEEPS, "/api/notes/swr/1")
    site.cut()
    await page.goto(f"{site.url}/notes/1")
    await expect(page.get_by_role("heading", name="Notes first /notes/1")).to_be_visible()


async def test_who_signs_out_leaves_nothing_on_the_device(page: Page, site: WorkerSite) -> None:
    await visit(page, site, who="ada")
    await learn(page, "/things/1", '"of":"idp|ada"')
    await page.evaluate(CHANGE, [ADA, ["two"]])
    await tell(page, "forgotten", kind="forget", sub=ADA, keepOutbox=False)
    await visit(page, site, who="nobody")
    site.cut()
    await page.goto(f"{site.url}/notes/1")
    await expect(page.get_by_role("heading", name="This page is not kept on this device")).to_be_visible()
    left = """async () => {
      const texts = [];
      for (const name of await caches.keys()) {
        texts.push(name);
        const cache = await caches.open(name);
        for (const request of await cache.keys()) {
          if (request.url.includes('/a/')) continue;
          texts.push(request.url, await (await cache.match(request)).text());
        }
      }
      return { texts: texts.join(' '), databases: (await indexedDB.databases()).map(({ name }) => name) };
    }"""
    found = await page.evaluate(left)
    assert not re.search(r"ada|Ada", found["texts"])
    assert found["databases"] == ["portico-device"]

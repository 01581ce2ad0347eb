"""Offline: confirming a command, draining what waits, starting without a network; in Chromium, on this disk."""

from __future__ import annotations

import asyncio
import gzip
import os
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import BrowserContext, Page, async_playwright

from benchmarks.host_world import host, sign_in
from benchmarks.listing_bff import PERSON
from benchmarks.measure import Scale
from benchmarks.processes import ROOT, serving
from benchmarks.table import Table
from portico.serving import check_port
from tools.browser import installed

APP = ROOT / "e2e/ledger/app"
WORKER = ROOT / "host/src/portico/host/static/worker.js"
SCRIPT = Path(__file__).with_suffix(".js")
COMMANDS, LANES = 1000, 50
_PATIENCE_MS = 120_000
_KEPT = """async () => {
  const isKept = async () => Boolean(await caches.match('/_portico/document', { ignoreSearch: true }));
  while (!navigator.serviceWorker.controller || !(await isKept())) await new Promise((go) => setTimeout(go, 20));
}"""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure with its floor, both as text; `goal` as the project states it."""

    name: str
    figure: str
    floor: str
    goal: str

    def cells(self) -> list[str]:
        return [self.name, self.figure, self.floor, self.goal]


async def run(scale: Scale, folder: Path) -> Table:
    """Measure everything in one browser, signed in at a host with the ledger's BFF in its own process."""
    executable = await asyncio.to_thread(installed)
    async with _platform(folder) as url, async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder / "profile", executable_path=executable, args=_arguments(), base_url=url
        )
        context.set_default_timeout(_PATIENCE_MS)
        await context.add_init_script(path=SCRIPT)
        name, _, value = (await sign_in(url, PERSON)).partition("=")
        await context.add_cookies([{"name": name, "value": value, "url": url}])
        page = await _open(context)
        await page.evaluate(_KEPT)
        await page.reload()
        await page.locator("#desk").wait_for()
        rows = [
            *await _confirmations(context, page, rounds=max(20, scale.requests // 2)),
            await _drain(context, page),
            await _starts(context, rounds=max(5, scale.rounds)),
            _size(),
        ]
        await context.close()
    remarks = [
        "The floor of a start is the same page, warm and with the network; of the drain, bare fetch, six at a time."
    ]
    return Table("Offline", ["", "figure", "floor", "goal"], [row.cells() for row in rows], remarks)


async def _confirmations(context: BrowserContext, page: Page, *, rounds: int) -> list[Row]:
    await context.set_offline(True)
    samples = await page.evaluate("(rounds) => bench.confirmations(rounds)", rounds)
    await context.set_offline(False)
    await page.evaluate("() => bench.drain()")
    rows = []
    for name, at, goal in (("p50", 0.50, ""), ("p95", 0.95, "< 20 ms")):
        command, floor = (_quantile(samples[which], at) for which in ("command", "floor"))
        rows.append(Row(f"confirm a command offline, {name}", f"{command:.1f} ms", f"{floor:.1f} ms", goal))
    return rows


async def _drain(context: BrowserContext, page: Page) -> Row:
    wishes = [{"place": "bench", "mark": f"drain-{n}", "lane": f"drain-{n % LANES}"} for n in range(COMMANDS)]
    await context.set_offline(True)
    await page.evaluate("(wishes) => document.querySelector('#desk').queueAll(wishes)", wishes)
    await context.set_offline(False)
    drained = await page.evaluate("() => bench.drain()")
    if drained["left"]:
        raise RuntimeError(f"{drained['left']} commands were not sent")
    bare = await page.evaluate("(count) => bench.bare(count)", COMMANDS)
    rate, floor = COMMANDS / drained["seconds"], COMMANDS / bare["seconds"]
    return Row(f"drain {COMMANDS} over {LANES} lanes", f"{rate:.0f} /s", f"{floor:.0f} /s", "≥ 150 /s")


async def _starts(context: BrowserContext, *, rounds: int) -> Row:
    warm, cold = [], []
    for _ in range(rounds):
        warm.append(await _start(context))
        await _stop_workers(context)
        await context.set_offline(True)
        cold.append(await _start(context))
        await context.set_offline(False)
    ratio = statistics.median(mine / its for mine, its in zip(cold, warm, strict=True))
    figure = f"{statistics.median(cold) * 1000:.0f} ms, {ratio:.2f} times"
    return Row("cold start without a network", figure, f"{statistics.median(warm) * 1000:.0f} ms", "≤ 1.2 times")


async def _start(context: BrowserContext) -> float:
    """Seconds until the app shows itself in a new tab."""
    page = await context.new_page()
    began = time.perf_counter()
    await page.goto("/ledger", wait_until="commit")
    await page.locator("#desk").wait_for()
    took = time.perf_counter() - began
    await page.close()
    return took


async def _stop_workers(context: BrowserContext) -> None:
    session = await context.new_cdp_session(context.pages[0])
    await session.send("ServiceWorker.enable")
    await session.send("ServiceWorker.stopAllWorkers")
    await session.detach()


async def _open(context: BrowserContext) -> Page:
    page = context.pages[0]
    await page.goto("/ledger")
    await page.locator("#desk").wait_for()
    return page


def _size() -> Row:
    packed = len(gzip.compress(WORKER.read_bytes(), 9))
    return Row("worker, gzip", f"{packed:,} bytes", "", "≤ 25,000 bytes")


@asynccontextmanager
async def _platform(folder: Path) -> AsyncIterator[str]:
    port, bff_port = check_port("127.0.0.1", 0), check_port("127.0.0.1", 0)
    url = f"http://127.0.0.1:{port}"
    bff = f"http://127.0.0.1:{bff_port}"
    environment = {
        "PORTICO_APP": "ledger",
        "PORTICO_ISSUER": url,
        "PORTICO_JWKS_URL": f"{url}/.well-known/jwks.json",
        "DATABASE_URL": f"sqlite:///{folder / 'ledger.db'}",
        "NATS_URL": "",
    }
    arguments = ("portico.bff", "serve", "e2e.ledger.bff:create_app", "--port", str(bff_port))
    apps: Sequence[Path] = [ROOT / "microapps/nav/dist", ROOT / "microapps/shared/dist", APP]
    async with (
        serving(*arguments, url=bff, environment=environment, path=[ROOT]),
        host(folder / "host", port, apps, bff_urls={"ledger": bff}),
    ):
        yield url


def _quantile(samples: Sequence[float], at: float) -> float:
    return sorted(samples)[min(len(samples) - 1, int(len(samples) * at))]


def _arguments() -> list[str]:
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return [*quiet, "--no-sandbox"] if os.geteuid() == 0 else quiet

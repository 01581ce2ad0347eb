"""Chromium at work: cold starts in contexts of their own, then switches in pages that stay open, all taking turns."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from benchmarks.measure import rotated
from tools.browser import installed

SCRIPT = Path(__file__).with_name("page.js")
SWITCHES = 800
"""Made twice, in blocks that take turns."""
BLOCKS = 16
WARM_UP = 60
_QUIET_S = 0.5
_PATIENCE_MS = 60_000
_STARTED = "() => bench.start()"
# What Chromium's own developer tools call "Slow 4G": 1.6 Mbit/s down, 0.75 up, 150 ms, with the tools' corrections.
NETWORKS: Mapping[str, Mapping[str, float | bool]] = {
    "slow4g": {
        "offline": False,
        "latency": 150 * 3.75,
        "downloadThroughput": 1.6e6 / 8 * 0.9,
        "uploadThroughput": 0.75e6 / 8 * 0.9,
    }
}


@dataclass(frozen=True, slots=True)
class Throttle:
    """How slow the device is: times slower than this machine, and a name of NETWORKS."""

    cpu: float = 1
    network: str | None = None


FULL_SPEED = Throttle()


@dataclass(frozen=True, slots=True)
class Start:
    """One cold start: ms to the first view; bytes and requests with it and in all; layout shift; long tasks in ms."""

    first_ms: float
    early_bytes: int
    early_requests: int
    bytes: int
    requests: int
    shift: float
    long_tasks: tuple[float, ...]


@dataclass(slots=True)
class Switching:
    """Samples of switches in ms, by block; the heap in bytes after the warm-up and after each half."""

    blocks: list[list[float]] = field(default_factory=list)
    heap: list[int] = field(default_factory=list)
    shift: float = 0


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser that is not slowed down for being driven fast."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    arguments = [*quiet, "--disable-ipc-flooding-protection", "--js-flags=--expose-gc"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    executable = await asyncio.to_thread(installed)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        await browser.close()


async def cold_starts(
    browser: Browser, urls: Mapping[str, str], rounds: int, throttle: Throttle
) -> dict[str, list[Start]]:
    """`rounds` cold starts of each, after one that is thrown away."""
    found: dict[str, list[Start]] = {name: [] for name in urls}
    for number in range(rounds + 1):
        for name in rotated(list(urls), number):
            start = await _cold_start(browser, urls[name], throttle)
            if number:
                found[name].append(start)
        _say(f"cold start {number} of {rounds}")
    return found


async def switching(
    browser: Browser, urls: Mapping[str, str], switches: int, throttle: Throttle
) -> dict[str, Switching]:
    """Two times `switches` in one page of each."""
    block = 2 * switches // BLOCKS
    found = {name: Switching() for name in urls}
    pages: dict[str, tuple[Page, CDPSession]] = {}
    for name, url in urls.items():
        page, session = await _opened(browser, url, throttle)
        await page.evaluate("(count) => bench.switches(count)", WARM_UP)
        pages[name] = page, session
        found[name].heap.append(await _heap(session))
    for number in range(BLOCKS):
        for name in rotated(list(urls), number):
            page, session = pages[name]
            await page.bring_to_front()
            found[name].blocks.append(await page.evaluate("(count) => bench.switches(count)", block))
            if (number + 1) % (BLOCKS // 2) == 0:
                found[name].heap.append(await _heap(session))
        _say(f"block {number + 1} of {BLOCKS} of switches")
    for name, (page, _) in pages.items():
        found[name].shift = await page.evaluate("() => bench.shift()")
        await page.context.close()
    return found


async def _cold_start(browser: Browser, url: str, throttle: Throttle) -> Start:
    context = await _context(browser)
    page = await context.new_page()
    session = await _throttled(page, throttle)
    traffic = Traffic(session)
    await _first_view(page, session, url)
    await traffic.quiet()
    seen: dict[str, Any] = await page.evaluate(_STARTED)
    await context.close()
    early = [address for address in traffic.sizes if address in set(seen["early"])]
    return Start(
        first_ms=seen["first"],
        early_bytes=sum(traffic.sizes[address] for address in early),
        early_requests=len(early),
        bytes=sum(traffic.sizes.values()),
        requests=len(traffic.sizes),
        shift=seen["shift"],
        long_tasks=tuple(seen["longTasks"]),
    )


async def _opened(browser: Browser, url: str, throttle: Throttle) -> tuple[Page, CDPSession]:
    context = await _context(browser)
    page = await context.new_page()
    session = await _throttled(page, throttle)
    await _first_view(page, session, url)
    return page, session


async def _context(browser: Browser) -> BrowserContext:
    context = await browser.new_context(viewport={"width": 1024, "height": 768})
    context.set_default_timeout(_PATIENCE_MS)
    await context.add_init_script(path=SCRIPT)
    return context


async def _throttled(page: Page, throttle: Throttle) -> CDPSession:
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    if throttle.cpu != 1:
        await session.send("Emulation.setCPUThrottlingRate", {"rate": throttle.cpu})
    if throttle.network:
        await session.send("Network.emulateNetworkConditions", dict(NETWORKS[throttle.network]))
    return session


async def _first_view(page: Page, session: CDPSession, url: str) -> None:
    """Open the list and wait until the page itself says that it stands.

    A locator would put Playwright's own script, 330 kB, into the page that is measured.
    """
    page.on("pageerror", lambda error: print(f"{page.url}: {error}"))
    mounted = asyncio.Event()
    session.on("Runtime.bindingCalled", lambda _: mounted.set())
    await session.send("Runtime.enable")
    await session.send("Runtime.addBinding", {"name": "benchMounted"})
    await page.goto(f"{url}/list", wait_until="commit")
    async with asyncio.timeout(_PATIENCE_MS / 1000):
        await mounted.wait()


async def _heap(session: CDPSession) -> int:
    """Bytes that are still used after a collection: JavaScript's and the DOM's."""
    for _ in range(3):
        await session.send("HeapProfiler.collectGarbage")
    usage = await session.send("Runtime.getHeapUsage")
    return int(usage["usedSize"] + usage.get("embedderHeapUsedSize", 0))


class Traffic:
    """What a page fetches: bytes on the wire with headers, by address."""

    def __init__(self, session: CDPSession) -> None:
        self.sizes: dict[str, int] = {}
        self._addresses: dict[str, str] = {}
        self._changed = asyncio.Event()
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.loadingFailed", self._failed)

    async def quiet(self) -> None:
        """Return once nothing is under way and nothing happened for a while."""
        while True:
            self._changed.clear()
            try:
                async with asyncio.timeout(_QUIET_S):
                    await self._changed.wait()
            except TimeoutError:
                if not self._addresses:
                    return

    def _sent(self, event: dict[str, Any]) -> None:
        self._addresses[event["requestId"]] = event["request"]["url"]
        self._changed.set()

    def _finished(self, event: dict[str, Any]) -> None:
        self._changed.set()
        address = self._addresses.pop(event["requestId"], None)
        # The same module may be asked for by a preload and an import: what came from memory has no bytes.
        if address is not None and event["encodedDataLength"]:
            self.sizes[address] = self.sizes.get(address, 0) + int(event["encodedDataLength"])

    def _failed(self, event: dict[str, Any]) -> None:
        self._changed.set()
        self._addresses.pop(event["requestId"], None)


def _say(progress: str) -> None:
    print(f"\r{progress:60}", end="", file=sys.stderr, flush=True)


def all_samples(blocks: Sequence[Sequence[float]]) -> list[float]:
    """The samples of all blocks, in order of size."""
    return sorted(sample for block in blocks for sample in block)

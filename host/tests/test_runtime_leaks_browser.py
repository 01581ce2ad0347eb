"""Memory: every fixture app comes and goes a thousand times, and the heap stays what it is."""

from __future__ import annotations

import pytest
from playwright.async_api import CDPSession, Page, expect

from host.tests.conftest import OpenSite
from host.tests.runtime_site import FixtureApp, sources

pytestmark = pytest.mark.asyncio(loop_scope="session")

WARM_UP = 200
TURNS = 1000
# Bytes that the heap may be larger after all the turns than after the first ones: 40 for each of the 5000 mounts, less
# than the smallest object that could have been forgotten. Compiled code is part of it.
GROWTH = 200_000
# There and back, again and again, as a person would: each is a navigation that mounts one app and unmounts another.
SWITCH = """async ([paths, turns]) => {
  for (let turn = 0; turn < turns; turn++) {
    for (const path of paths) await navigation.navigate(path, { history: 'replace' }).finished;
  }
}"""


async def _used(session: CDPSession) -> tuple[int, int]:
    """Bytes of the heap that are in use after everything has been collected, and how many nodes there are."""
    await session.send("Runtime.evaluate", {"expression": "nestLog.length = arraysLog.length = 0"})
    for _ in range(3):
        await session.send("HeapProfiler.collectGarbage")
    heap = await session.send("Runtime.getHeapUsage")
    counters = await session.send("Memory.getDOMCounters")
    return int(heap["usedSize"]), int(counters["nodes"])


async def test_apps_that_have_left_leave_nothing_behind(
    page: Page, open_site: OpenSite, catalogue: list[FixtureApp]
) -> None:
    nested = [
        FixtureApp("@site/nest", [("/nest/*?", "Outer")], sources("nest.js")),
        FixtureApp("@site/pane", [("/nest", None)], sources("pane.js"), slots=("pane",), more={"isolation": "shadow"}),
    ]
    paths = ["/things/1", "/arrays", "/react", "/nest", "/silent"]
    await page.goto(open_site(apps=[*catalogue, *nested]).url)
    await expect(page.get_by_role("heading", name="Start")).to_be_visible()
    await page.evaluate(SWITCH, [paths, WARM_UP])
    session = await page.context.new_cdp_session(page)
    before, nodes_before = await _used(session)
    await page.evaluate(SWITCH, [paths, TURNS])
    after, nodes_after = await _used(session)
    assert after - before < GROWTH
    assert nodes_after <= nodes_before
    await expect(page.locator("[data-app]")).to_have_count(2)
    await expect(page.get_by_role("heading", name="Steady @site/silent")).to_be_visible()

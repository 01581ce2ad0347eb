"""The same three small apps in one page: by hand, under Portico, under single-spa with layout, under qiankun."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.browser.contestants import contestants
from benchmarks.browser.driver import FULL_SPEED, SWITCHES, Throttle, chromium, cold_starts, switching
from benchmarks.browser.report import table
from benchmarks.measure import Scale
from benchmarks.table import Table

LEAST_STARTS = 20


async def run(
    scale: Scale,
    folder: Path,
    *,
    throttle: Throttle = FULL_SPEED,
    starts: int = LEAST_STARTS,
    switches: int = SWITCHES,
) -> Table:
    """Measure all four, taking turns, in one browser."""
    async with contestants(folder) as urls, chromium() as browser:
        cold = await cold_starts(browser, urls, max(starts, scale.rounds), throttle)
        switched = await switching(browser, urls, switches, throttle)
    return table(cold, switched, throttle, f"The machine's load at the end: {os.getloadavg()[0]:.1f}.")

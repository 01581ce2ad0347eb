"""From saving a file to a build that pages are told of: `portico dev` on the reference apps, in milliseconds."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import time
from pathlib import Path

from watchfiles import awatch

from benchmarks.measure import Scale
from benchmarks.processes import ROOT
from benchmarks.table import Table
from portico.host.dev.builder import Builder
from portico.host.dev.run import DEBOUNCE_MS, STEP_MS, watched

COLUMNS = ["micro-app", "files", "first build", "rebuild, median", "rebuild, most", "saved to built, median", "most"]
GOAL_MS = 300


async def run(scale: Scale, folder: Path) -> Table:
    """Change one source file of each app again and again, as often as there are rounds, four times over."""
    apps = sorted(path.parent for path in ROOT.glob("microapps/*/app.json") if (path.parent / "src").is_dir())
    rows = [await _measured(app, folder / app.name, changes=scale.rounds * 4) for app in apps]
    remarks = [
        f"Milliseconds elapsed; the goal is {GOAL_MS} from saved to built.",
        f"Noticing a change takes {STEP_MS} or more of them: what an editor saves together is built together.",
    ]
    return Table("portico dev: from saving to a new build", COLUMNS, rows, remarks)


async def _measured(source: Path, folder: Path, *, changes: int) -> list[str]:
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("dist", "node_modules"))
    entry = next(path for path in (folder / "src" / "index.tsx", folder / "src" / "index.ts") if path.exists())
    text = entry.read_text()
    async with Builder.running(folder, folder / ".builds") as builder:
        first = await _built(builder)
        rebuilds, elapsed = [], []
        stop = asyncio.Event()
        notices = awatch(folder / "src", watch_filter=watched(), debounce=DEBOUNCE_MS, step=STEP_MS, stop_event=stop)
        noticed = asyncio.ensure_future(anext(notices))
        await asyncio.sleep(0.5)  # the watcher begins in a thread
        for number in range(changes):
            began = time.perf_counter()
            entry.write_text(f"{text}\nconsole.log({number});\n")
            await noticed
            rebuilds.append((await _built(builder))["ms"])
            elapsed.append((time.perf_counter() - began) * 1000)
            noticed = asyncio.ensure_future(anext(notices))
            await asyncio.sleep(0.2)  # a person saves less often than the watcher looks
        stop.set()
        noticed.cancel()
    figures = [first["ms"], statistics.median(rebuilds), max(rebuilds), statistics.median(elapsed), max(elapsed)]
    return [source.name, str(first["files"]), *(f"{figure:.0f}" for figure in figures)]


async def _built(builder: Builder) -> dict[str, int]:
    answer = await builder.build()
    if "errors" in answer:
        raise RuntimeError(f"not built: {answer['errors']}")
    return answer

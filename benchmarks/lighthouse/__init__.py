"""Lighthouse's scores of the reference application, as a phone and as a desktop computer load it, nobody signed in."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.host_world import host
from benchmarks.measure import Scale
from benchmarks.processes import ROOT
from benchmarks.table import Table
from portico.serving import check_port
from tools.browser import installed
from tools.peers import lighthouse

PATHS = ("/", "/activity")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
LIMIT_S = 300


async def run(_: Scale, folder: Path) -> Table:
    """Score each page on each device; what took points away is in the remarks."""
    where, browser = await asyncio.gather(asyncio.to_thread(lighthouse), asyncio.to_thread(installed))
    async with _reference(folder) as url:
        found = await _scored(where, browser or "", [url + path for path in PATHS])
    rows = [
        [f"{page['url'].removeprefix(url)}, {page['device']}", *(f"{page['scores'][name]:.0f}" for name in CATEGORIES)]
        for page in found
    ]
    remarks = [_remark(audit, row[0]) for page, row in zip(found, rows, strict=True) for audit in page["failed"]]
    return Table("Lighthouse", ["", *CATEGORIES], rows, remarks)


@asynccontextmanager
async def _reference(folder: Path) -> AsyncIterator[str]:
    apps = sorted(ROOT.glob("microapps/*/dist"))
    if not apps:
        raise RuntimeError("The reference apps are not built; run `make build` first")
    async with host(folder / "host", check_port("127.0.0.1", 0), apps) as server:
        yield server.url


async def _scored(where: Path, browser: str, urls: Sequence[str]) -> list[dict[str, Any]]:
    command: Sequence[str | Path] = (ROOT / "tools/with-node", "node", ROOT / "tools/lighthouse.mjs", where, *urls)
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ, "CHROME_PATH": browser}, stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(LIMIT_S):
        output, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError("Lighthouse failed, see above")
    return [json.loads(line) for line in output.splitlines()]


def _remark(audit: dict[str, Any], page: str) -> str:
    items = " ".join(str(item) for item in audit.get("items") or ())
    return f"{page}: {audit['id']} {audit['score']:.2f} {audit.get('displayValue') or ''} {items}".rstrip()

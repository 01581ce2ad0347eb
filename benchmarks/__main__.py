"""`make bench`, or `python -m benchmarks [names]`: runs benchmarks, prints their tables; `--record` keeps them."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import (
    browser,
    channel,
    cpu_per_request,
    deployer,
    dev,
    events,
    gateway,
    jwt,
    lake,
    lighthouse,
    live,
    offline,
    page,
    rebuild,
    store,
    store_reads,
    stuck,
)
from benchmarks.measure import Scale
from benchmarks.processes import ROOT
from benchmarks.table import Table, machine

BENCHMARKS: Mapping[str, Callable[[Scale, Path], Awaitable[Table]]] = {
    "cpu_per_request": cpu_per_request.run,
    "gateway": gateway.run,
    "stuck": stuck.run,
    "jwt": jwt.run,
    "store": store.run,
    "store_reads": store_reads.run,
    "rebuild": rebuild.run,
    "lake": lake.run,
    "page": page.run,
    "live": live.run,
    "offline": offline.run,
    "browser": browser.run,
    "lighthouse": lighthouse.run,
    "deployer": deployer.run,
    "channel": channel.run,
    "dev": dev.run,
    "events": events.run,
}
RESULTS = Path(__file__).with_name("results")


async def run(names: list[str], scale: Scale) -> list[Table]:
    """Run benchmarks one after another, each in a folder of its own on this disk, and print what they find."""
    tables = []
    scratch = ROOT / ".build"
    scratch.mkdir(exist_ok=True)
    for name in names:
        began = time.monotonic()
        # Not under /tmp, which may be memory: commits must meet a disk.
        with TemporaryDirectory(prefix="bench-", dir=scratch) as folder:
            table = await BENCHMARKS[name](scale, Path(folder))
        print(f"\n{table.text()}\n  ({name}: {time.monotonic() - began:.0f} s)", flush=True)
        tables.append(table)
    return tables


def record(tables: list[Table], about: str) -> Path:
    """Write the tables to `benchmarks/results/<date>.md`."""
    today = datetime.now(UTC).date().isoformat()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{today}.md"
    path.write_text("\n\n".join([f"# Benchmarks, {today}", about, *(table.markdown() for table in tables)]) + "\n")
    return path


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=Scale().rounds, help="rounds per case (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=Scale().requests, help="per round (default: %(default)s)")
    parser.add_argument("--record", action="store_true", help=f"write {RESULTS.name}/<date>.md")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    scale = Scale(rounds=options.rounds, requests=options.requests)
    about = f"{machine()}; {scale.rounds} rounds of {scale.requests}, {scale.connections} connections."
    print(about)
    tables = asyncio.run(run(options.names or list(BENCHMARKS), scale))
    if options.record:
        print(f"\nRecorded in {record(tables, about).relative_to(ROOT)}")


main()

"""`python -m benchmarks.browser`: the browser benchmark alone, at full speed or throttled."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.browser import LEAST_STARTS, run
from benchmarks.browser.driver import NETWORKS, SWITCHES, Throttle
from benchmarks.measure import Scale
from benchmarks.processes import ROOT


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.browser", description=__doc__)
    parser.add_argument("--cpu", type=float, default=1, help="times slower than this machine (default: %(default)s)")
    parser.add_argument("--network", choices=NETWORKS, help="default: the loopback as it is")
    parser.add_argument("--starts", type=int, default=LEAST_STARTS, help="cold starts of each (default: %(default)s)")
    parser.add_argument("--switches", type=int, default=SWITCHES, help="made twice by each (default: %(default)s)")
    options = parser.parse_args()
    throttle = Throttle(cpu=options.cpu, network=options.network)
    scratch = ROOT / ".build"
    scratch.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=scratch) as folder:
        work = run(Scale(rounds=1), Path(folder), throttle=throttle, starts=options.starts, switches=options.switches)
        print(f"\n{asyncio.run(work).text()}")


main()

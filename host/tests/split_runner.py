"""`portico up --split`, but each process waits until the one before it answers: none may need one that comes later.

`python -m host.tests.split_runner DATA_DIR PORT PEOPLE NAME,NAME,...` starts them in the order of the names.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from portico.host.config import HostConfig
from portico.host.split.program import LOOPBACK, Program
from portico.host.split.run import run_split


def gated(programs: Sequence[Program], names: Sequence[str]) -> list[Program]:
    """The programs in the order of the names, each behind the one before it."""
    by_name = {one.name: one for one in programs}
    assert sorted(by_name) == sorted(names), sorted(by_name)
    ordered, before = [], 0
    for name in names:
        one = by_name[name]
        gate = (sys.executable, "-m", "host.tests.split_runner", "after", str(before), *one.command)
        ordered.append(replace(one, command=gate))
        before = one.port or before
    return ordered


def wait_for(port: int) -> None:
    """Return once the port accepts connections; at once for 0."""
    while port:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.02)  # of a port in another process nothing tells when it listens


def main() -> None:
    """Be the gate, or the whole run."""
    if sys.argv[1] == "after":
        wait_for(int(sys.argv[2]))
        os.execvp(sys.argv[3], sys.argv[3:])
    folder, port, people, names = sys.argv[1:]
    config = HostConfig(
        base_url=f"http://{LOOPBACK}:{port}",
        data_dir=Path(folder),
        development=True,
        people_file=Path(people),
        services=("notes",),
        service_settings=dict(os.environ),
    )
    asyncio.run(
        run_split(
            config,
            dict(os.environ),
            deploy=(),
            address=LOOPBACK,
            port=int(port),
            order=lambda programs: gated(programs, names.split(",")),
        )
    )


if __name__ == "__main__":
    main()

"""Starting and ending deployers in processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Replica:
    """A running deployer."""

    url: str
    process: "subprocess.Popen[str]"


@contextmanager
def replica(folder: Path, database: str | None = None) -> Iterator[Replica]:
    """Run a deployer over the assets in ``folder`` and a database (a file there without one) until the block ends."""
    arguments = [str(folder), *([database] if database else [])]
    process = subprocess.Popen(
        [sys.executable, "-m", "manifest.tests.deployer_process", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "the deployer did not start"
            yield Replica(url, process)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def deployer(folder: Path) -> Iterator[str]:
    """A running deployer over the database and assets in ``folder``; its URL."""
    with replica(folder) as running:
        yield running.url

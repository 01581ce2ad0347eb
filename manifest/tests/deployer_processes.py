"""Starting and ending deployers in processes of their own."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


@contextmanager
def deployer(folder: Path) -> Iterator[str]:
    """A running deployer over the database and assets in ``folder``; its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "manifest.tests.deployer_process", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            assert url, "the deployer did not start"
            yield url
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()

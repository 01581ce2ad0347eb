"""Starting a BFF in a process of its own, for tests over real HTTP."""

from __future__ import annotations

import contextlib
import re
import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from pathlib import Path

from e2e.stack import free_port

__all__ = ["ROOT", "TARGET", "free_port", "serving", "start"]

ROOT = Path(__file__).parents[3]
TARGET = "bffs.kit.tests.notes_bff:create_app"


async def start(environment: dict[str, str], *arguments: str) -> Process:
    """`python -m portico.bff serve ...`, just started."""
    return await create_subprocess_exec(
        sys.executable, "-m", "portico.bff", "serve", *arguments, cwd=ROOT, env=environment, stdout=PIPE, stderr=PIPE
    )


@contextlib.asynccontextmanager
async def serving(
    environment: dict[str, str], target: str = TARGET, *, port: int = 0
) -> AsyncIterator[tuple[Process, str]]:
    """A BFF in a process (the notes BFF), and its address; killed at the end when it still runs."""
    process = await start(environment, target, "--port", str(port))
    assert process.stdout is not None
    try:
        line = (await process.stdout.readline()).decode()
        found = re.search(r"serves at (http://127\.0\.0\.1:\d+)$", line.strip())
        assert found, line + (await process.communicate())[1].decode()
        yield process, found[1]
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()

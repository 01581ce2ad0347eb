"""The bundler, kept running: each build starts from what the last one has parsed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from portico.host.builder.node import find_node
from portico.manifest.cli.failure import Failure

_SCRIPT = Path(__file__).parents[1] / "builder" / "js" / "dev.mjs"
_LONGEST_ANSWER = 4 * 1024 * 1024


class Builder:
    """One Node process for one app; asked for one build at a time."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def running(cls, folder: Path, output: Path) -> AsyncIterator[Builder]:
        """A builder of the app in `folder`, whose builds go into numbered folders in `output`."""
        process = await asyncio.create_subprocess_exec(
            find_node(),
            str(_SCRIPT),
            str(folder),
            str(output),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_LONGEST_ANSWER,
            start_new_session=True,  # Ctrl-C is for us; the builder ends when its input does
        )
        try:
            yield cls(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                async with asyncio.timeout(5):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    async def build(self) -> dict[str, Any]:
        """Build what the folder holds now; see js/dev.mjs for what it answers. Raises Failure when the builder died."""
        async with self._turn:
            stdin, stdout = self._process.stdin, self._process.stdout
            assert stdin is not None  # noqa: S101 - both were asked for as pipes
            assert stdout is not None  # noqa: S101
            try:
                stdin.write(b"build\n")
                await stdin.drain()
                line = await stdout.readline()
            except ConnectionError:
                line = b""
        if not line:
            raise Failure.usage("the builder ended", "see what it said above, then start again")
        answer: dict[str, Any] = json.loads(line)
        return answer

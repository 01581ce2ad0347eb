"""The app's BFF in a process of its own, started anew when its code changes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from portico.manifest.cli.failure import Failure

_KEPT_LINES = 30
_STOP_S = 8.0


class BffProcess:
    """`python -m portico.bff serve` on one port, with these settings; what it prints is passed on and kept in part."""

    def __init__(self, target: str, *, port: int, settings: Mapping[str, str], paths: Sequence[Path] = ()) -> None:
        self._target = target
        self._port = port
        self._environment = {**settings, "PYTHONUNBUFFERED": "1", "PYTHONPATH": _joined(paths, settings)}
        self._process: asyncio.subprocess.Process | None = None
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        self._reading: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Its origin, which stays the same from one start to the next."""
        return f"http://127.0.0.1:{self._port}"

    async def restart(self) -> str | None:
        """Start it, after stopping it if it runs. Returns once it answers; or the last that it said before it ended."""
        await self.stop()
        self._said.clear()
        process = self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "portico.bff", "serve", self._target, "--port", str(self._port),
            env=self._environment, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        self._reading = asyncio.create_task(self._read(process), name="output of the BFF")
        while process.returncode is None:
            if await _accepts(self._port):
                return None
            await asyncio.sleep(0.02)
        await self._reading
        return "\n".join(self._said) or f"{self._target} ended with {process.returncode}."

    async def stop(self) -> None:
        """Stop it, if it runs."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None  # noqa: S101 - asked for as a pipe
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            self._said.append(text)
            print(f"  bff  {text}", file=sys.stderr, flush=True)  # noqa: T201 - the terminal is where a developer looks


def settings_of(app: str, host_url: str, environment: Mapping[str, str], running: Mapping[str, str]) -> dict[str, str]:
    """The settings of the BFF: those of this environment, where they are not what the host gives its own BFFs.

    `running` is what the platform of the nearest `.portico` says of itself: when it is the one at `host_url`, the BFF
    is one more replica of that platform's, with the same database and events; else it has its own, and no events.
    """
    near = running.get("url") == host_url
    data = running.get("folder", ".portico") if near else str(Path(".portico") / "dev")
    return {
        "PORTICO_APP": app,
        "PORTICO_ISSUER": host_url,
        "PORTICO_JWKS_URL": f"{host_url}/.well-known/jwks.json",
        "PORTICO_AUDIENCE": f"urn:portico:bff:{app}",
        "DATABASE_URL": f"sqlite:///{Path(data).absolute() / f'bff-{app}.db'}",
        "NATS_URL": running.get("nats", "") if near else "",
        "PORTICO_INTROSPECTION": "1",
        **environment,
    }


def source_folder(target: str, paths: Sequence[Path]) -> Path:
    """The folder whose changes start the BFF anew: that of its package. Raises Failure when there is no such module."""
    name = target.partition(":")[0].partition(".")[0]
    for path in paths:
        if (path / name).is_dir() or (path / f"{name}.py").is_file():
            return path / name if (path / name).is_dir() else path
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise Failure.usage(
            f"the BFF {target} is not installed here",
            "install it (pip install -e DIR), or say where it is: --bff DIR; --no-bff leaves it alone",
        )
    return Path(spec.origin).parent


def import_paths(folder: Path) -> list[Path]:
    """Where modules of a BFF in `folder` are imported from: `src` where there is one."""
    return [path.absolute() for path in (folder / "src", folder) if path.is_dir()]


def _joined(paths: Sequence[Path], settings: Mapping[str, str]) -> str:
    found = [str(path) for path in paths]
    return os.pathsep.join([*found, *filter(None, [settings.get("PYTHONPATH")])])


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return True

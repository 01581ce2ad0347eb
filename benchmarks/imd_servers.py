"""Servers that speak import-map-deployer's API: npm's own, and ours over SQLite or PostgreSQL; one process or two."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import ROOT, Server, running, serving
from portico.serving import check_port
from tools.peers import import_map_deployer
from tools.postgres import postgres


@dataclass(frozen=True, slots=True)
class Deployer:
    """Replicas over one map, and the path of their API."""

    replicas: tuple[Server, ...]
    prefix: str = ""


@asynccontextmanager
async def originals(folder: Path, replicas: int) -> AsyncIterator[Deployer]:
    """npm's import-map-deployer over one file, which it writes without waiting for the disk."""
    settings = {"manifestFormat": "importmap", "locations": {"default": str(folder / "import-map.json")}}
    _write(folder / "conf.json", settings)
    program = str(import_map_deployer() / "bin" / "import-map-deployer")
    async with AsyncExitStack() as stack:
        servers = []
        for _ in range(replicas):
            port = check_port("127.0.0.1", 0)
            server = running(
                str(ROOT / "tools" / "with-node"), "node", program, "conf.json",
                url=f"http://127.0.0.1:{port}",
                environment={"PORT": str(port), "NODE_ENV": "production"},
                folder=folder,
                probe="/health",
            )  # fmt: skip
            servers.append(await stack.enter_async_context(server))
        yield Deployer(tuple(servers))


@asynccontextmanager
async def ours(folder: Path, replicas: int, *, on_postgres: bool) -> AsyncIterator[Deployer]:
    """Portico's deployer, over a database that waits for the disk with every write."""
    _write(folder / "imd.json", {"anyoneMayChange": True})
    async with AsyncExitStack() as stack:
        database = f"sqlite:///{folder / 'manifest.db'}"
        if on_postgres:
            database = stack.enter_context(postgres(durable=True)).create()
        environment = {
            "PORTICO_MANIFEST_DATABASE": database,
            "PORTICO_ASSETS": str(folder / "assets"),
            "PORTICO_IMD": str(folder / "imd.json"),
        }
        servers = []
        for _ in range(replicas):
            port = check_port("127.0.0.1", 0)
            arguments = ("benchmarks.serve", "portico.host.asgi:create_deployer", str(port))
            server = serving(*arguments, url=f"http://127.0.0.1:{port}", environment=environment)
            servers.append(await stack.enter_async_context(server))
        yield Deployer(tuple(servers), "/imd")


def _write(path: Path, settings: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(settings))

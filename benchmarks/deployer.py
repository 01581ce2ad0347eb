"""Changes and reads of an import map: Portico's deployer beside npm's import-map-deployer, through the same API.

Changes come from concurrent clients, each of another module, and are counted afterwards: a change that was answered
with 200 and is not in the map was lost.
"""

from __future__ import annotations

import time
from asyncio import TaskGroup
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from itertools import count
from pathlib import Path

import aiohttp

from benchmarks.imd_servers import Deployer, originals, ours
from benchmarks.measure import Figure, Scale, Target, cpu_per_request, interleaved
from benchmarks.table import Table

CLIENTS = 8
PEER = "import-map-deployer 4.6"
_PEER_TWO = f"{PEER}, two replicas on one file"
_READS = "reads: "


class Changes:
    """Changes of one deployer, and which of them were acknowledged."""

    def __init__(self, deployer: Deployer, client: aiohttp.ClientSession) -> None:
        self._deployer = deployer
        self._client = client
        self._numbers = count()
        self.acknowledged: set[str] = set()

    async def round(self, requests: int) -> float:
        """Make changes from all clients at once; changes per second."""
        turns = iter(range(requests))
        began = time.perf_counter()
        async with TaskGroup() as group:
            for client in range(CLIENTS):
                group.create_task(self._client_of(client, turns))
        return requests / (time.perf_counter() - began)

    async def kept(self) -> int:
        """How many of the acknowledged changes are in the map: none, when two that wrote at once have broken it."""
        url = f"{self._deployer.replicas[0].url}{self._deployer.prefix}/import-map.json"
        async with self._client.get(url) as response:
            if response.status != 200:
                return 0
            shown = await response.json()
        return len(self.acknowledged & shown["imports"].keys())

    async def _client_of(self, number: int, turns: Iterator[int]) -> None:
        server = self._deployer.replicas[number % len(self._deployer.replicas)]
        url = f"{server.url}{self._deployer.prefix}/services?skip_url_check"
        for _ in turns:
            name = f"module-{next(self._numbers)}"
            try:
                async with self._client.patch(url, json={"service": name, "url": f"/{name}.js"}) as response:
                    await response.read()
                    if response.status == 200:
                        self.acknowledged.add(name)
            except aiohttp.ClientError:  # a server that fell over its file has acknowledged nothing
                pass


async def run(scale: Scale, folder: Path) -> Table:
    """Measure rates of changes, which wait for disks, by elapsed time, and reads by CPU time."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(aiohttp.ClientSession())
        deployers = {
            PEER: await stack.enter_async_context(originals(folder / "one", 1)),
            _PEER_TWO: await stack.enter_async_context(originals(folder / "two", 2)),
            "Portico, SQLite": await stack.enter_async_context(ours(folder / "sqlite", 1, on_postgres=False)),
            "Portico, two replicas on one SQLite file": await stack.enter_async_context(
                ours(folder / "sqlite-two", 2, on_postgres=False)
            ),
            "Portico, two replicas on one PostgreSQL": await stack.enter_async_context(
                ours(folder / "postgres", 2, on_postgres=True)
            ),
        }
        changes = {name: Changes(deployer, client) for name, deployer in deployers.items()}
        cases: dict[str, Callable[[], Awaitable[float]]] = {
            name: partial(one.round, scale.requests) for name, one in changes.items()
        }
        figures = await interleaved(cases, scale.rounds)
        rows = [
            _row(name, figure, figures[PEER], await changes[name].kept(), len(changes[name].acknowledged))
            for name, figure in figures.items()
        ]
        reads = await cpu_per_request(
            {
                _READS + name: Target(deployers[name].replicas[0], f"{deployers[name].prefix}/import-map.json")
                for name in (PEER, "Portico, SQLite")
            },
            scale,
        )
    rows += [_read_row(name, figure, reads[_READS + PEER]) for name, figure in reads.items()]
    return Table(
        f"Import map: changes per second from {CLIENTS} clients, and CPU per read",
        ("", "changes/s or µs", "times peer", "answered 200", "lost", "least to most"),
        rows,
        [
            "A change puts one module into the map and is answered with the whole map. Portico's are durable when they "
            "are answered, checked against what is deployed, and kept in the history; the peer's file is written "
            "without waiting for the disk.",
            f"Reads are of a map of {(scale.rounds + 1) * scale.requests} modules, in CPU µs.",
        ],
    )


def _row(name: str, figure: Figure, peer: Figure, kept: int, acknowledged: int) -> list[str]:
    low, high = figure.spread
    ratio = "peer" if figure is peer else f"{figure.ratio(peer):.2f}"
    lost = acknowledged - kept
    return [name, f"{figure.median:,.0f}", ratio, f"{acknowledged:,}", f"{lost:,}", f"{low:,.0f} to {high:,.0f}"]


def _read_row(name: str, figure: Figure, peer: Figure) -> list[str]:
    low, high = figure.spread
    ratio = "peer" if figure is peer else f"{figure.ratio(peer):.2f}"
    return [name, f"{figure.median:,.0f}", ratio, "", "", f"{low:,.0f} to {high:,.0f}"]

"""CPU time per request of serving processes, and per call in this one; always in interleaved rounds.

CPU time (user and system, all threads) instead of elapsed time: it says what a request costs, whoever else uses the
machine. Cases take turns within each round, so that what disturbs one round disturbs all of them, and the ratio of two
cases is taken round by round.
"""

from __future__ import annotations

import statistics
import time
from asyncio import TaskGroup
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import aiohttp

from benchmarks.processes import Server


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is measured: rounds, and requests (or calls) per case and round. `connections` are kept open."""

    rounds: int = 5
    requests: int = 400
    connections: int = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """What one case cost: one value per round, in the order of the rounds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median over the rounds."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the most of all rounds."""
        return min(self.rounds), max(self.rounds)

    def ratio(self, floor: Figure) -> float:
        """How many times the floor: the median of the ratios within each round."""
        return statistics.median(mine / its for mine, its in zip(self.rounds, floor.rounds, strict=True))

    def over(self, floor: Figure) -> float:
        """How much more than the floor: the median of the differences within each round."""
        return statistics.median(mine - its for mine, its in zip(self.rounds, floor.rounds, strict=True))


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of request, and the process whose CPU time it is charged to. Anything but a 200 is an error.

    `each` gives every request one more header of its own, until there are no more.
    """

    server: Server
    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    each: Iterator[tuple[str, str]] | None = None


async def cpu_per_request(targets: Mapping[str, Target], scale: Scale) -> dict[str, Figure]:
    """Microseconds of CPU time that each target's process spends per request, after a warm-up round."""

    async def load(target: Target, client: aiohttp.ClientSession) -> float:
        before = target.server.cpu_ns()
        await _send(client, target, scale)
        return (target.server.cpu_ns() - before) / scale.requests / 1000

    connector = aiohttp.TCPConnector(limit=0, limit_per_host=scale.connections, keepalive_timeout=300)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar, auto_decompress=False) as client:
        cases = {name: partial(load, target, client) for name, target in targets.items()}
        return await interleaved(cases, scale.rounds)


async def cpu_per_call(cases: Mapping[str, Callable[[], Awaitable[object]]], scale: Scale) -> dict[str, Figure]:
    """Microseconds of this thread's CPU time per call of each case, after a warm-up round."""

    async def run(case: Callable[[], Awaitable[object]]) -> float:
        before = time.thread_time_ns()
        for _ in range(scale.requests):
            await case()
        return (time.thread_time_ns() - before) / scale.requests / 1000

    return await interleaved({name: partial(run, case) for name, case in cases.items()}, scale.rounds)


async def interleaved(cases: Mapping[str, Callable[[], Awaitable[float]]], rounds: int) -> dict[str, Figure]:
    """The values of each case over `rounds` rounds, after one that is thrown away."""
    values: dict[str, list[float]] = {name: [] for name in cases}
    names = list(cases)
    for number in range(rounds + 1):
        # Each round begins with another case: none is always the one after the same neighbour.
        for name in rotated(names, number):
            value = await cases[name]()
            if number:
                values[name].append(value)
    return {name: Figure(tuple(found)) for name, found in values.items()}


def rotated(names: Sequence[str], by: int) -> list[str]:
    """The names in their order, beginning with another one each time."""
    start = by % len(names)
    return [*names[start:], *names[:start]]


async def _send(client: aiohttp.ClientSession, target: Target, scale: Scale) -> None:
    turns = iter(range(scale.requests))
    async with TaskGroup() as group:
        for _ in range(scale.connections):
            group.create_task(_take_turns(client, target, turns))


async def _take_turns(client: aiohttp.ClientSession, target: Target, turns: Iterator[int]) -> None:
    url = target.server.url + target.path
    headers = {"Accept-Encoding": "identity", **target.headers}
    for _ in turns:
        if target.each is not None:
            name, value = next(target.each)
            headers[name] = value
        async with client.request(target.method, url, headers=headers, data=target.body) as response:
            content = await response.read()
            if response.status != 200:
                raise RuntimeError(f"{target.method} {url} answered {response.status}: {content[:300]!r}")

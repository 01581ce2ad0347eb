"""One BFF that never answers: what calls to another one cost in time meanwhile, against the same calls without it.

Open load, at most 100 calls a second, in many short turns: nothing is stuck, or as many calls hang at the other BFF as
one person may have there. Those are one person's, the calls that are timed are other people's. They hang before the
first call that counts, and the calls of all turns together give the
quantiles: of a few hundred calls, p99 would be a sample or two.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from pathlib import Path

import aiohttp

from benchmarks.host_world import HEADERS, build_app, fresh_sessions, host, sign_in
from benchmarks.listing_bff import PERSON
from benchmarks.measure import Scale
from benchmarks.processes import serving
from benchmarks.table import Table
from portico.serving import check_port

BFF = "benchmarks.listing_bff:create_app"
WELL, STUCK = "listing-remote", "stuck"
HANGING = 24
"""Calls that hang: as many as one person may have under way at one app."""
PACE_S = 0.01
OTHERS = 8
WARM_UP = 200
People = Iterator[Mapping[str, str]]
BLOCK = 50
"""Calls of one case before it is the other one's turn: what else this machine does disturbs both alike."""


async def run(scale: Scale, folder: Path) -> Table:
    """Measure the time of a call from the client's side; `scale.rounds` times `scale.requests` calls of each case."""
    port, well_port, stuck_port = (check_port("127.0.0.1", 0) for _ in range(3))
    base_url, well_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{well_port}"
    settings = {
        "PORTICO_APP": WELL,
        "PORTICO_ISSUER": base_url,
        "PORTICO_JWKS_URL": f"{base_url}/.well-known/jwks.json",
        "DATABASE_URL": f"sqlite:///{folder / 'remote.db'}",
        "NATS_URL": "",
    }
    apps = [build_app(folder / "hello", "@bench/hello")]
    urls = {WELL: well_url, STUCK: f"http://127.0.0.1:{stuck_port}"}
    async with AsyncExitStack() as stack:
        stuck = Stuck()
        await stack.enter_async_context(stuck.serving(stuck_port))
        well = serving("portico.bff", "serve", BFF, "--port", str(well_port), url=well_url, environment=settings)
        await stack.enter_async_context(well)
        await stack.enter_async_context(host(folder / "data", port, apps, bff_urls=urls))
        stuck_person = {"Cookie": await sign_in(base_url, PERSON)}
        others = cycle([{"Cookie": one} for one in await fresh_sessions(folder / "data", base_url, OTHERS)])
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=300)
        jar = aiohttp.DummyCookieJar()
        client = aiohttp.ClientSession(base_url, headers=HEADERS, connector=connector, cookie_jar=jar)
        await stack.enter_async_context(client)
        for _ in range(WARM_UP):  # connections, tokens and caches
            await _call(client, WELL, next(others))
        alone: list[float] = []
        beside: list[float] = []
        for number in range(scale.rounds * scale.requests // BLOCK):
            cases = [_alone(client, others, alone), _beside(client, others, beside, stuck, stuck_person)]
            for case in cases if number % 2 else reversed(cases):
                await case
    return _table(alone, beside)


async def _alone(client: aiohttp.ClientSession, people: People, times: list[float]) -> None:
    """Add the times of calls in seconds while nothing is stuck."""
    times.extend(await _times(client, people))


async def _beside(
    client: aiohttp.ClientSession, people: People, times: list[float], stuck: Stuck, stuck_person: Mapping[str, str]
) -> None:
    """Add the times of calls in seconds beside stuck ones."""
    hanging = [asyncio.create_task(_call(client, STUCK, stuck_person)) for _ in range(HANGING)]
    await stuck.until_hanging(HANGING)
    times.extend(await _times(client, people))
    still = sum(not one.done() for one in hanging)
    for one in hanging:
        one.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    await stuck.until_hanging(0)
    if still < HANGING:
        raise RuntimeError(f"only {still} of {HANGING} calls hung until the end")


async def _times(client: aiohttp.ClientSession, people: People) -> list[float]:
    """Begin a call every `PACE_S` seconds, whatever becomes of those before."""
    under_way = []
    for _ in range(BLOCK):
        under_way.append(asyncio.create_task(_call(client, WELL, next(people))))
        await asyncio.sleep(PACE_S)
    return await asyncio.gather(*under_way)


async def _call(client: aiohttp.ClientSession, app: str, person: Mapping[str, str]) -> float:
    began = time.perf_counter()
    async with client.get(f"/api/{app}/mine", headers=person) as answer:
        await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{app} answered {answer.status}")
    return time.perf_counter() - began


class Stuck:
    """A BFF that takes every request and answers none."""

    def __init__(self) -> None:
        self._hanging = 0
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def serving(self, port: int) -> AsyncIterator[None]:
        """Listen while the block runs."""
        async with await asyncio.start_server(self._hang, "127.0.0.1", port):
            yield

    async def until_hanging(self, count: int) -> None:
        """Return once exactly so many requests hang."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: self._hanging == count)

    async def _hang(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await self._count(1)
        try:
            await reader.read()  # until the gateway gives up
        except ConnectionError:
            pass
        finally:
            writer.close()
            await self._count(-1)

    async def _count(self, by: int) -> None:
        async with self._changed:
            self._hanging += by
            self._changed.notify_all()


def _table(alone: Sequence[float], beside: Sequence[float]) -> Table:
    cases = {"nothing stuck": alone, f"{HANGING} calls hang at another BFF": beside}
    rows = [[name, *(f"{_quantile(times, of) * 1000:.2f}" for of in (50, 90, 99))] for name, times in cases.items()]
    growth = {of: _quantile(beside, of) / _quantile(alone, of) for of in (90, 99)}
    return Table(
        f"Calls to one BFF while another one is stuck ({len(alone)} calls of each case)",
        ("", "median ms", "p90 ms", "p99 ms"),
        rows,
        [
            f"Beside a stuck BFF the p99 is {growth[99]:.2f} times that without, the p90 {growth[90]:.2f}. "
            "Goal below 1.2."
        ],
    )


def _quantile(times: Sequence[float], of: int) -> float:
    return statistics.quantiles(times, n=100)[of - 1]

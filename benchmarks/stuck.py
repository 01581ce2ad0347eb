"""One BFF that never answers: what calls to another one cost in time meanwhile, against the same calls without it.

Open load, at most 100 calls a second, in interleaved rounds: first nothing is stuck, then as many calls hang at the
other BFF as one person may have there.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import aiohttp

from benchmarks.host_world import HEADERS, build_app, host, sign_in
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


async def run(scale: Scale, folder: Path) -> Table:
    """Measure the time of a call from the client's side; `scale.requests` calls of each case in a round."""
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
        await stack.enter_async_context(_stuck(stuck_port))
        well = serving("portico.bff", "serve", BFF, "--port", str(well_port), url=well_url, environment=settings)
        await stack.enter_async_context(well)
        await stack.enter_async_context(host(folder / "data", port, apps, bff_urls=urls))
        headers = {**HEADERS, "Cookie": await sign_in(base_url, PERSON)}
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=300)
        jar = aiohttp.DummyCookieJar()
        client = aiohttp.ClientSession(base_url, headers=headers, connector=connector, cookie_jar=jar)
        await stack.enter_async_context(client)
        rounds = [await _round(client, scale.requests) for _ in range(scale.rounds + 1)][1:]
    return _table(rounds)


async def _round(client: aiohttp.ClientSession, calls: int) -> tuple[list[float], list[float]]:
    """The times of calls in seconds: without stuck ones, and beside them."""
    alone = await _times(client, calls)
    hanging = [asyncio.create_task(_call(client, STUCK)) for _ in range(HANGING)]
    beside = await _times(client, calls)
    still = sum(not one.done() for one in hanging)
    for one in hanging:
        one.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)
    if still < HANGING:
        raise RuntimeError(f"only {still} of {HANGING} calls hung until the end")
    return alone, beside


async def _times(client: aiohttp.ClientSession, calls: int) -> list[float]:
    """Begin a call every `PACE_S` seconds, whatever becomes of those before."""
    under_way = []
    for _ in range(calls):
        under_way.append(asyncio.create_task(_call(client, WELL)))
        await asyncio.sleep(PACE_S)
    return await asyncio.gather(*under_way)


async def _call(client: aiohttp.ClientSession, app: str) -> float:
    began = time.perf_counter()
    async with client.get(f"/api/{app}/mine") as answer:
        await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{app} answered {answer.status}")
    return time.perf_counter() - began


@asynccontextmanager
async def _stuck(port: int) -> AsyncIterator[None]:
    """A BFF that takes every request and answers none."""

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the gateway gives up
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", port):
        yield


def _table(rounds: list[tuple[list[float], list[float]]]) -> Table:
    cases: Mapping[str, list[list[float]]] = {
        "nothing stuck": [alone for alone, _ in rounds],
        f"{HANGING} calls hang at another BFF": [beside for _, beside in rounds],
    }
    rows = []
    for name, times in cases.items():
        medians = statistics.median(statistics.median(one) for one in times) * 1000
        rows.append([name, f"{medians:.2f}", f"{statistics.median(map(_p99, times)) * 1000:.2f}"])
    growth = statistics.median(_p99(beside) / _p99(alone) for alone, beside in rounds)
    return Table(
        "Calls to one BFF while another one is stuck",
        ("", "median ms", "p99 ms"),
        rows,
        [f"Beside a stuck BFF the p99 is {growth:.2f} times that without (median of the rounds). Goal below 1.2."],
    )


def _p99(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[98]

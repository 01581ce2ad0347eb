"""Whoever would like a BFF to be refused to everybody: their calls alone open no circuit."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, closing, suppress

import aiohttp
import httpx
import pytest

from host.tests.gateway_site import Heard, gateway_site
from portico.host.config import GatewayLimits
from portico.host.gateway import Breakers
from portico.host.gateway.breaker import BreakerTimes


def breakers() -> Breakers:
    return Breakers(lambda: 0.0, BreakerTimes(failures=3))


async def test_one_person_whose_calls_take_too_long_opens_no_circuit_for_everybody() -> None:
    async with (
        gateway_site(remote=False, limits=GatewayLimits(timeout_s=0.1), breakers=breakers()) as site,
        httpx.AsyncClient(base_url=site.origin, headers={"X-Portico": "1"}) as browser,
    ):
        slow = [browser.get("/api/shop/x", headers={"X-Who": "eve"}) for _ in range(12)]
        assert {answer.status_code for answer in await asyncio.gather(*slow)} == {504}
        assert site.breakers.states() == {}


async def test_browsers_that_do_not_read_on_open_no_circuit() -> None:
    limits = GatewayLimits(read_pause_s=0.2)
    async with gateway_site(remote=False, limits=limits, breakers=breakers()) as site, AsyncExitStack() as stack:
        flooding = []
        for who in ("eve", "mallory", "eve", "mallory"):
            _, writer = await site.connect(site.head(who=who))
            stack.callback(writer.close)
            call = await site.bff.called()
            await call.begin()
            flooding.append((call, asyncio.create_task(_flood(call))))
        for call, task in flooding:
            await call.gone()
            task.cancel()
        assert site.breakers.states() == {}


async def _flood(call: Heard) -> None:
    with suppress(Exception):
        while True:
            await call.say(b"x" * 65_536)


async def test_a_websocket_where_there_is_none_opens_no_circuit() -> None:
    """Whoever asks for one at any address of a BFF may get an ordinary answer: that is a sign of life."""

    async def ordinary(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()

    server = await asyncio.start_server(ordinary, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with (
        server,
        gateway_site(remote=True, origin=origin, breakers=breakers()) as site,
        aiohttp.ClientSession(headers={"Origin": site.origin, "Cookie": "who=eve"}) as browser,
    ):
        for _ in range(5):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await browser.ws_connect(f"{site.origin}/api/shop/x")
            assert refused.value.status == 503
        assert site.breakers.states() == {}

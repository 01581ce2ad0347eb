"""The gateway's limits: of a body, of the time until an answer begins, of calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from host.tests.echo_gateway import (
    BASE_URL,
    OURS,
    Ada,
    Apps,
    AudienceTokens,
    Call,
    Echo,
    calling,
    mounted,
    remote,
)
from portico.host.config import GatewayLimits
from portico.host.gateway import Gateway
from portico.host.gateway.headers import Header, header
from portico.host.tokens import Identity

BUSY_S = 2.0
"""What does answer must have done so by then, on a busy machine, too; what does not is waited for so long."""


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture(params=[mounted, remote], ids=["mounted", "remote"])
async def apps(request: pytest.FixtureRequest, echo: Echo) -> AsyncIterator[Apps]:
    async with request.param(echo) as backend:
        yield Apps({"shop": backend})


async def test_a_body_over_the_limit_is_a_413_announced_or_not(apps: Apps) -> None:
    call = calling(apps, Ada())
    announced = await call("POST", "/api/shop/x", headers=OURS, content=b"x" * 1001)

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 100

    unannounced = await call("POST", "/api/shop/x", headers=OURS, content=chunks())
    assert [answer.status_code for answer in (announced, unannounced)] == [413, 413]
    assert announced.json()["type"].endswith("/body-too-large")


async def test_a_bff_that_does_not_answer_is_a_504_in_time(apps: Apps) -> None:
    response = await calling(apps, Ada(), timeout_s=0.3)("GET", "/api/shop/stuck", headers=OURS)
    assert response.status_code == 504
    assert response.json()["type"].endswith("/backend-timeout")
    assert response.headers["retry-after"]


async def test_a_stream_may_live_longer_than_the_limit_once_it_has_begun(apps: Apps, echo: Echo) -> None:
    """It outlives a call that begins after it and is not answered."""
    call = calling(apps, Ada(), timeout_s=BUSY_S)
    stream = asyncio.create_task(call("GET", "/api/shop/stream", headers=OURS))
    await echo.streams.wait()
    assert (await call("GET", "/api/shop/stuck", headers=OURS)).status_code == 504
    echo.may_end.set()
    assert (await stream).text == "first, last"


async def test_calls_over_the_apps_limit_are_a_503_at_once_and_other_apps_go_on() -> None:
    async with mounted(Echo()) as backend:
        call = calling(Apps({"shop": backend, "other": backend}), Ada(), timeout_s=BUSY_S)
        stuck = [asyncio.create_task(call("GET", "/api/shop/stuck", headers=OURS)) for _ in range(2)]
        refused = await _until_refused(call)
        other = await call("GET", "/api/other/x", headers=OURS)
        assert refused.status_code == 503
        assert other.status_code == 201
        assert [task.status_code for task in await asyncio.gather(*stuck)] == [504, 504]


async def _until_refused(call: Call) -> httpx.Response:
    response = await call("GET", "/api/shop/x", headers=OURS)
    while response.status_code == 201:
        await asyncio.sleep(0)  # a mounted call need not wait for anything: the stuck ones must get their turn
        response = await call("GET", "/api/shop/x", headers=OURS)
    return response


async def test_one_person_cannot_take_an_app_from_everyone() -> None:
    """Each has a few calls at once; the others' are none of theirs."""
    each = GatewayLimits(timeout_s=BUSY_S, concurrency=10, concurrency_each=2)
    async with mounted(Echo()) as backend:
        people = {sub: Ada(sub=sub) for sub in ("ada", "alan")}

        async def identify(headers: list[Header]) -> Identity | None:
            return people[header(headers, b"x-person") or ""]

        gateway = Gateway(
            base_url=BASE_URL,
            identify=identify,
            tokens=AudienceTokens(),
            directory=Apps({"shop": backend}),
            limits=each,
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url=BASE_URL) as client:
            ada, alan = ({**OURS, "X-Person": sub} for sub in people)
            stuck = [asyncio.create_task(client.get("/api/shop/stuck", headers=ada)) for _ in range(3)]
            assert 503 in {(await task).status_code for task in asyncio.as_completed(stuck[:3])}
            assert (await client.get("/api/shop/x", headers=alan)).status_code == 201
            assert (await client.get("/api/shop/x", headers=ada)).status_code == 201

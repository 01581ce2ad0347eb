"""Circuit breakers and bulkheads: one BFF that is away, or stuck, costs nobody else anything."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from host.tests.gateway_site import Site, gateway_site
from portico.host.config import GatewayLimits
from portico.host.errors import BackendUnavailable
from portico.host.gateway import Breakers
from portico.host.gateway.breaker import Breaker, BreakerTimes, CircuitOpen

TIMES = BreakerTimes(failures=3, open_s=2, longest_open_s=7)
OURS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.admit("ada")
        breaker.failed("ada")


def test_so_many_failures_in_a_row_open_the_circuit_and_an_answer_between_them_does_not() -> None:
    breaker = Breaker(Clock(), TIMES)
    fail(breaker, 2)
    breaker.succeeded()
    fail(breaker, 2)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"
    with pytest.raises(CircuitOpen) as refused:
        breaker.admit("ada")
    assert refused.value.retry_after_s == 2


def test_half_open_lets_one_probe_pass_at_a_time() -> None:
    clock = Clock()
    breaker = Breaker(clock, TIMES)
    fail(breaker, 3)
    clock.now += 2
    assert breaker.state == "half-open"
    assert breaker.admit("ada") is True
    for who in ("ada", "bo"):
        with pytest.raises(CircuitOpen):
            breaker.admit(who)
    breaker.abandoned("ada")
    assert breaker.admit("ada") is True, "a probe that brought nothing to light is followed by another"
    breaker.succeeded()
    assert breaker.state == "closed"
    assert breaker.admit("ada") is False


def test_a_probe_that_hangs_keeps_nobody_else_from_trying() -> None:
    clock = Clock()
    breaker = Breaker(clock, TIMES)
    fail(breaker, 3)
    clock.now += 2
    assert breaker.admit("ada") is True
    clock.now += TIMES.probe_s
    with pytest.raises(CircuitOpen):
        breaker.admit("ada")
    assert breaker.admit("bo") is True
    with pytest.raises(CircuitOpen):
        breaker.admit("cy")
    breaker.succeeded()
    assert breaker.state == "closed"


def test_slow_calls_of_one_person_open_nothing_and_of_two_they_do() -> None:
    breaker = Breaker(Clock(), TIMES)
    for _ in range(9):
        breaker.admit("ada")
        breaker.late("ada")
    assert breaker.state == "closed"
    breaker.late("bo")
    assert breaker.state == "open"


def test_each_probe_that_fails_doubles_the_time_up_to_the_longest() -> None:
    clock = Clock()
    breaker = Breaker(clock, TIMES)
    fail(breaker, 3)
    waits = []
    for _ in range(4):
        with pytest.raises(CircuitOpen) as refused:
            breaker.admit("ada")
        waits.append(refused.value.retry_after_s)
        clock.now += waits[-1]
        fail(breaker)
    assert waits == [2, 4, 7, 7]


def test_calls_that_were_under_way_when_the_circuit_opened_do_not_prolong_it() -> None:
    clock = Clock()
    breaker = Breaker(clock, TIMES)
    fail(breaker, 3)
    clock.now += 1
    breaker.failed("bo")
    clock.now += 1
    assert breaker.state == "half-open"


def test_calls_from_before_that_end_during_a_probe_are_not_taken_for_it() -> None:
    clock = Clock()
    breaker = Breaker(clock, TIMES)
    breaker.admit("bo")
    fail(breaker, 3)
    clock.now += 2
    assert breaker.admit("ada") is True
    breaker.failed("bo")
    breaker.late("bo")
    assert breaker.state == "half-open", "the probe has still to say"
    with pytest.raises(CircuitOpen):
        breaker.admit("cy")
    breaker.late("ada")
    assert breaker.state == "open"


def test_the_breakers_that_are_forgotten_are_those_of_bffs_not_called_for_longest() -> None:
    breakers = Breakers(Clock(), TIMES)
    fail(breakers.of("away"), 3)
    for number in range(2000):
        breakers.of(f"bff {number}")
        assert breakers.of("away").state == "open"


@dataclass
class Away:
    """A BFF that nobody reaches; it counts who tried."""

    name: str = "away"
    tried: int = 0
    is_back: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.tried += 1
        if not self.is_back:
            raise BackendUnavailable("away")
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_a_bff_that_is_away_is_left_alone_and_comes_back_with_the_first_probe() -> None:
    clock, away = Clock(), Away()
    async with (
        gateway_site(remote=False, breakers=Breakers(clock, TIMES), more={"away": away}) as site,
        httpx.AsyncClient(base_url=site.origin, headers={**OURS, "X-Who": "ada"}) as browser,
    ):
        answers = [await browser.get("/api/away/x") for _ in range(10)]
        assert {answer.status_code for answer in answers} == {503}
        assert away.tried == 3
        assert [answers[-1].headers["retry-after"], site.breakers.states()] == ["2", {"away": "open"}]
        clock.now += 2
        away.is_back = True
        assert (await browser.get("/api/away/x")).status_code == 500, "any answer is a sign of life"
        assert site.breakers.states() == {}


async def test_a_bff_that_never_answers_opens_its_circuit() -> None:
    limits = GatewayLimits(timeout_s=0.1)
    async with (
        gateway_site(remote=False, limits=limits, breakers=Breakers(Clock(), TIMES)) as site,
        httpx.AsyncClient(base_url=site.origin, headers=OURS) as browser,
    ):
        people = ["ada", "ada", "bo", "ada"]
        answers = [(await browser.get("/api/shop/x", headers={"X-Who": who})).status_code for who in people]
        assert answers == [504, 504, 504, 503]
        assert len(site.bff.heard) == 3


@dataclass
class Quick:
    name: str = "quick"
    answered: int = field(default=0)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.answered += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("remote", [False, True], ids=["mounted", "remote"])
async def test_while_200_calls_of_one_bff_hang_all_calls_of_the_others_pass(remote: bool) -> None:
    quick = Quick()
    async with gateway_site(remote=remote, more={"quick": quick}) as site:
        hanging = [asyncio.create_task(_hang(site, f"person-{number % 20}")) for number in range(200)]
        for _ in range(100):
            await site.bff.called()
        async with httpx.AsyncClient(base_url=site.origin, headers={**OURS, "X-Who": "person-1"}) as browser:
            assert {(await browser.get("/api/quick/x")).status_code for _ in range(100)} == {200}
            assert (await browser.get("/api/shop/x")).status_code == 503
        assert quick.answered == 100
        assert len(site.bff.heard) == 100
        site.bff.release()
        await asyncio.gather(*hanging)


async def _hang(site: Site, who: str) -> None:
    reader, writer = await site.connect(site.head(who=who))
    with closing(writer), suppress(ConnectionError, asyncio.IncompleteReadError):
        await reader.readuntil(b"\r\n\r\n")


async def test_streams_of_events_leave_the_places_of_calls_free() -> None:
    """They last; calls must not wait for them."""
    limits = GatewayLimits(concurrency_each=1, streams_each=2)
    async with gateway_site(remote=False, limits=limits) as site, AsyncExitStack() as stack:
        for number in range(3):
            reader, writer = await site.connect(site.head())
            stack.callback(writer.close)
            call = await site.bff.called()
            begun = asyncio.create_task(call.begin((b"content-type", b"text/event-stream")))
            status = (await reader.readuntil(b"\r\n")).split(b" ")[1]
            assert status == (b"200" if number < 2 else b"503")
            begun.cancel()

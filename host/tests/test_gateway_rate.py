"""How often somebody may call, and who that is."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from host.tests.gateway_site import gateway_site
from portico.host.config import Rates
from portico.host.config.reading import settings_of
from portico.host.errors import ConfigurationError
from portico.host.gateway.rate import Rate
from portico.host.peers import Peers
from portico.host.rate_limits import RateLimitMiddleware
from portico.problem import Problem

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


class _Quick:
    name = "quick"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("fine")(scope, receive, send)


def passed(rate: Rate, caller: str, calls: int) -> int:
    return sum(rate.take(caller) is None for _ in range(calls))


def test_ten_seconds_worth_may_come_at_once_and_then_as_many_as_time_brings() -> None:
    clock = Clock()
    rate = Rate("person", 60, clock)
    assert passed(rate, "ada", 50) == 10
    clock.now += 3
    assert passed(rate, "ada", 50) == 3
    clock.now += 3600
    assert passed(rate, "ada", 50) == 10


def test_each_has_their_own() -> None:
    rate = Rate("person", 60, Clock())
    assert passed(rate, "ada", 50) == passed(rate, "ben", 50) == 10


def test_nobody_is_refused_without_a_limit() -> None:
    assert passed(Rate("person", 0, Clock()), "ada", 1000) == 1000


def test_a_flood_of_callers_takes_bounded_memory() -> None:
    rate = Rate("address", 60, Clock())
    for number in range(60_000):
        rate.take(number)
    assert len(rate._due) <= 50_000


def test_who_waits_as_long_as_told_passes() -> None:
    clock = Clock()
    rate = Rate("person", 600, clock)
    passed(rate, "ada", 200)
    with pytest.raises(Problem) as refused:
        rate.check("ada", "You have")
    assert (refused.value.status, refused.value.type) == (429, "too-many-calls")
    assert refused.value.headers["RateLimit"] == '"person";r=0;t=1'
    assert refused.value.headers["RateLimit-Policy"] == '"person";q=100;w=10'
    clock.now += int(refused.value.headers["Retry-After"])
    rate.check("ada", "You have")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("1.2.3.4", "", "1.2.3.4"),
        ("1.2.3.4", "9.9.9.9", "1.2.3.4"),  # anybody can say so
        ("10.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "6.6.6.6, 9.9.9.9", "9.9.9.9"),  # what is left of it, the client made up
        ("10.0.0.1", "6.6.6.6, 9.9.9.9, 10.0.0.2", "9.9.9.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "9.9.9.9:1234", "10.0.0.1"),
        ("10.0.0.1", ", ,", "10.0.0.1"),
        ("2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
        ("::ffff:1.2.3.4", "", "1.2.3.4"),
        ("fd00::1", "2001:db8::1", "2001:db8::/64"),
    ],
)
def test_a_trusted_proxy_alone_says_who_calls(peer: str, forwarded: str, address: str) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    assert Peers(PROXIES).address({"client": (peer, 1), "headers": headers}) == address


def test_two_headers_of_a_proxy_are_one_list() -> None:
    scope: Scope = {
        "client": ("10.0.0.1", 1),
        "headers": [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"9.9.9.9")],
    }
    assert Peers(PROXIES).address(scope) == "9.9.9.9"


@pytest.mark.parametrize("peer", ["10.0.0.1", "8.8.8.8"], ids=["proxy", "stranger"])
def test_long_lists_of_addresses_take_bounded_memory(peer: str) -> None:
    peers = Peers(PROXIES)
    tracemalloc.start()
    try:
        for number in range(500):
            forged = b"1.2.3.4, " * 5000 + b"9.9.%d.%d" % divmod(number, 250)
            found = peers.address({"client": (peer, 1), "headers": [(b"x-forwarded-for", forged)]})
            assert found == ("8.8.8.8" if peer == "8.8.8.8" else f"9.9.{number // 250}.{number % 250}")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2_000_000


def test_an_unnamed_proxy_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    peers = Peers(())
    for number in range(5):
        peers.address({"client": ("192.168.1.1", 1), "headers": [(b"x-forwarded-for", b"9.9.9.%d" % number)]})
    assert sum(record.getMessage().count("PORTICO_TRUSTED_PROXIES") for record in caplog.records) == 1


def limited(**rates: int) -> httpx.AsyncClient:
    usual: dict[str, int] = {"person": 0, "address": 0, "sign_in": 0}

    async def fine(_request: Any) -> PlainTextResponse:
        return PlainTextResponse("fine")

    app = Starlette(routes=[Route("/{path:path}", fine, methods=["GET", "POST"])])
    middleware = RateLimitMiddleware(app, rates=Rates(**{**usual, **rates}), peers=Peers(()), clock=Clock())
    return httpx.AsyncClient(transport=httpx.ASGITransport(middleware), base_url="http://host")


@pytest.mark.parametrize("path", ["/api/shop/x", "/auth/sign-in", "/deploy/apps"])
async def test_an_address_that_calls_too_often_is_told_when_to_come_again(path: str) -> None:
    async with limited(address=30) as client:
        answers = [await client.get(path) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert answers[-1].headers["content-type"] == "application/problem+json"
        assert answers[-1].headers["retry-after"] == "2"


async def test_pages_and_assets_are_not_counted_and_logouts_of_the_provider_are_no_sign_ins() -> None:
    async with limited(address=60, sign_in=6) as client:
        assert {(await client.get("/a/thing.js")).status_code for _ in range(50)} == {200}
        assert {(await client.post("/auth/backchannel-logout")).status_code for _ in range(5)} == {200}
        assert [(await client.get("/auth/sign-in")).status_code for _ in range(2)] == [200, 429]
        assert (await client.get("/api/shop/x")).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORTICO_RATE_PERSON", "many"), ("PORTICO_RATE_ADDRESS", "-1"), ("PORTICO_TRUSTED_PROXIES", "10.0.0.1/8 x")],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        settings_of({"PORTICO_BASE_URL": "http://127.0.0.1:1", "PORTICO_DATA_DIR": "/tmp/x", name: value})


async def test_a_person_who_calls_too_often_is_told_and_nobody_else_is() -> None:
    async with (
        gateway_site(remote=False, more={"quick": _Quick()}, rate=Rate("person", 12, Clock())) as site,
        httpx.AsyncClient(base_url=site.origin, headers={"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}) as browser,
    ):
        answers = [await browser.get("/api/quick/x", headers={"X-Who": "ada"}) for _ in range(3)]
        other = await browser.get("/api/quick/x", headers={"X-Who": "ben"})
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].headers["retry-after"] == "5"
    assert answers[-1].json()["type"].endswith("too-many-calls")
    assert other.status_code == 200

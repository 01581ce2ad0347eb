"""Which calls the gateway passes on: from our own pages, for whoever is signed in, to a path that means one thing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from host.tests.echo_gateway import (
    BASE_URL,
    LIMITS,
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
from portico.host.gateway import Gateway
from portico.host.gateway.guard import check_path, check_person
from portico.host.gateway.headers import Header
from portico.host.tokens import Identity
from portico.problem import Problem


@pytest.fixture(params=[mounted, remote], ids=["mounted", "remote"])
async def call(request: pytest.FixtureRequest) -> AsyncIterator[Call]:
    async with request.param(Echo()) as backend:
        yield calling(Apps({"shop": backend}), Ada())


async def test_a_call_that_names_its_person_reaches_the_bff_without_the_name(call: Call) -> None:
    response = await call("POST", "/api/shop/x", headers={**OURS, "Portico-Person": "ada", "Portico-Client": "c1"})
    headers = dict(response.json()["headers"])
    assert response.status_code == 201
    assert "portico-person" not in headers
    assert headers["portico-client"] == "c1"


@pytest.mark.parametrize("name", ["ben", "", "Ada", "ada%20", "%FF", "ada, ben", "%zz", "a%00da"])
async def test_a_call_for_another_person_is_a_401_and_reaches_nobody(call: Call, name: str) -> None:
    response = await call("POST", "/api/shop/x", headers={**OURS, "Portico-Person": name})
    assert response.status_code == 401
    assert response.json()["type"].endswith("/other-person")


async def test_a_call_that_names_two_people_is_refused(call: Call) -> None:
    headers = [*OURS.items(), ("Portico-Person", "ada"), ("Portico-Person", "ben")]
    assert (await call("POST", "/api/shop/x", headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("sub", "name"), [("auth0|Zoë/1", b"auth0%7CZo%C3%AB%2F1"), ("a%41", b"a%2541"), ("a+b c", b"a%2Bb%20c")]
)
def test_a_persons_name_is_percent_encoded(sub: str, name: bytes) -> None:
    check_person([(b"portico-person", name)], sub)
    with pytest.raises(Problem):
        check_person([(b"portico-person", name)], f"{sub}x")


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "MADEUP"])
async def test_a_method_that_no_api_has_is_refused(method: str) -> None:
    async with mounted(Echo()) as backend:
        response = await calling(Apps({"shop": backend}), Ada())(method, "/api/shop/x", headers=OURS)
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_call_without_a_session_is_a_401_problem_and_never_a_redirect(method: str) -> None:
    response = await calling(Apps())(method, "/api/shop/x", headers=OURS)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert "location" not in response.headers


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"X-Portico": "1", "Sec-Fetch-Site": "cross-site"},
        {"X-Portico": "1", "Sec-Fetch-Site": "same-site"},
        {"X-Portico": "1", "Sec-Fetch-Site": "none"},
        {"X-Portico": "1", "Origin": "https://evil.example"},
        {"X-Portico": "1", "Origin": "null"},
        {"X-Portico": "0", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"},
        {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    ],
)
async def test_a_call_that_is_not_our_own_pages_is_refused(headers: dict[str, str]) -> None:
    async with mounted(Echo()) as backend:
        response = await calling(Apps({"shop": backend}), Ada())("GET", "/api/shop/x", headers=headers)
    assert response.status_code == 403


async def test_a_navigation_that_posts_is_refused() -> None:
    navigation = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    async with mounted(Echo()) as backend:
        response = await calling(Apps({"shop": backend}), Ada())("POST", "/api/shop/x", headers=navigation)
    assert response.status_code == 403


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("POST", {"X-Portico": "1", "Origin": BASE_URL}),
        ("POST", {"X-Portico": "1"}),
        ("GET", {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}),
    ],
)
async def test_our_own_calls_and_a_persons_own_navigation_pass(method: str, headers: dict[str, str]) -> None:
    async with mounted(Echo()) as backend:
        response = await calling(Apps({"shop": backend}), Ada())(method, "/api/shop/x", headers=headers)
    assert response.status_code == 201


@pytest.mark.parametrize(
    "path",
    [
        b"/api/shop/../other/x",
        b"/api/shop/%2e%2e/other/x",
        b"/api/shop/.%2E/x",
        b"/api/shop/a%2Fb",
        b"/api/shop/a%5cb",
        b"/api/shop//x",
        b"/api//x",
        b"/api/shop/%00",
        b"/api/shop/a\\b",
        b"/api/shop/./x",
        b"/api/shop/%2E/x",
        b"/api/shop/%2e./x",
    ],
)
def test_a_path_that_could_mean_two_things_is_refused(path: bytes) -> None:
    with pytest.raises(Problem) as refused:
        check_path(path)
    assert refused.value.status == 400


async def test_the_gateway_itself_refuses_an_ambiguous_path(call: Call) -> None:
    response = await call("GET", httpx.URL(f"{BASE_URL}/api/shop/%2e%2e/other/x"), headers=OURS)
    assert (response.status_code, response.json()["type"]) == (400, "https://portico.dev/problems/ambiguous-path")


async def test_a_header_of_ours_that_is_too_long_is_refused_before_anybody_is_looked_up() -> None:
    async def identify(headers: list[Header]) -> Identity | None:
        raise AssertionError("looked up")

    gateway = Gateway(base_url=BASE_URL, identify=identify, tokens=AudienceTokens(), directory=Apps(), limits=LIMITS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url=BASE_URL) as client:
        for name in ("Portico-Person", "Portico-Lane", "Portico-Replaces"):
            response = await client.post("/api/shop/x", headers={**OURS, name: "x" * 4097})
            assert (response.status_code, response.json()["type"]) == (
                400,
                "https://portico.dev/problems/header-too-long",
            )
        with pytest.raises(AssertionError, match="looked up"):
            await client.post("/api/shop/x", headers={**OURS, "Portico-Person": "x" * 4096})

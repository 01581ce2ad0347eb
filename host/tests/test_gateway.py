"""The gateway: what reaches a BFF, and what a browser gets of its answer, mounted or over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

from host.tests.echo_gateway import (
    OURS,
    Ada,
    Apps,
    Call,
    Echo,
    InProcess,
    calling,
    mounted,
    remote,
)
from host.tests.real_servers import free_ports
from portico.host.errors import AnswerBrokenOff, BackendUnavailable
from portico.host.gateway import RemoteBackend
from portico.host.gateway.remote import new_client

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(params=[mounted, remote], ids=["mounted", "remote"])
async def call(request: pytest.FixtureRequest) -> AsyncIterator[Call]:
    async with request.param(Echo()) as backend:
        yield calling(Apps({"shop": backend}), Ada())


async def test_a_call_reaches_the_bff_with_its_path_query_and_body(call: Call) -> None:
    response = await call("POST", "/api/shop/things/caf%C3%A9?a=1&b=%20", headers=OURS, content="body")
    said = response.json()
    assert response.status_code == 201
    assert (said["method"], said["query"], said["body"]) == ("POST", "a=1&b=%20", "body")
    assert said["path"] == "/things/café"


async def test_the_bff_gets_the_persons_token_and_no_cookie_nor_forged_credentials(call: Call) -> None:
    forged = {
        **OURS,
        "Cookie": "portico=secret",
        "Authorization": "Bearer forged",
        "X-Forwarded-For": "1.2.3.4",
        "Forwarded": "for=1.2.3.4",
        "Connection": "X-Named",
        "X-Named": "hop by hop",
        "X_Forwarded_For": "1.2.3.4",
        "True-Client-IP": "1.2.3.4",
        "X-Original-URL": "/admin",
        "Idempotency-Key": "k1",
        "Traceparent": TRACE,
    }
    said = (await call("GET", "/api/shop/x", headers=forged)).json()
    headers = dict(said["headers"])
    assert headers["authorization"] == "Bearer ada@urn:portico:bff:shop"
    assert headers["idempotency-key"] == "k1"
    assert headers["traceparent"] == TRACE
    assert not headers.keys() & {"cookie", "x-forwarded-for", "forwarded", "x-named", "x-portico", "sec-fetch-site"}
    assert not headers.keys() & {"x_forwarded_for", "true-client-ip", "x-original-url"}


async def test_the_browser_gets_nothing_from_a_bff_that_rules_the_origin_and_nothing_to_cache(call: Call) -> None:
    response = await call("GET", "/api/shop/x", headers=OURS)
    assert set(response.headers) <= {"content-type", "x-own", "cache-control", "vary", "date", "content-length"}
    assert response.headers["x-own"] == "kept"
    assert response.headers["cache-control"] == "no-store"


async def test_a_bff_cannot_write_a_receipt() -> None:
    async def forging(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"portico-receipt", b"forged"), (b"portico-status", b"409")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    response = await calling(Apps({"shop": InProcess(forging)}), Ada())("GET", "/api/shop/x", headers=OURS)
    assert "portico-receipt" not in response.headers
    assert response.headers["portico-status"] == "409"


async def test_a_bff_that_cannot_be_reached_is_a_503_with_retry_after() -> None:
    client = new_client()
    gone = RemoteBackend(client, f"http://127.0.0.1:{free_ports(1)[0]}")
    response = await calling(Apps({"shop": gone}), Ada())("GET", "/api/shop/x", headers=OURS)
    await client.close()
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")
    assert response.headers["retry-after"]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
    ],
    ids=["status line", "length", "header"],
)
async def test_a_bff_that_answers_what_is_no_http_is_a_503(answer: bytes) -> None:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    client = new_client()
    backend = RemoteBackend(client, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    response = await calling(Apps({"shop": backend}), Ada())("GET", "/api/shop/x", headers=OURS)
    await client.close()
    server.close()
    await server.wait_closed()
    assert response.status_code == 503
    assert response.headers["content-type"] == "application/problem+json"


async def test_a_bff_that_does_not_start_is_a_503_that_tells_the_browser_nothing_of_why() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise BackendUnavailable("secret reason")

    response = await calling(Apps({"shop": InProcess(broken)}), Ada())("GET", "/api/shop/x", headers=OURS)
    assert response.status_code == 503
    assert "secret" not in response.text


async def test_an_unknown_app_is_a_404_problem() -> None:
    response = await calling(Apps(), Ada())("GET", "/api/nothing/x", headers=OURS)
    assert response.status_code == 404
    assert response.json()["type"].endswith("/unknown-app")


async def test_an_answer_that_breaks_off_does_not_pass_for_whole(call: Call) -> None:
    with pytest.raises((RuntimeError, AnswerBrokenOff)):
        await call("GET", "/api/shop/broken", headers=OURS)

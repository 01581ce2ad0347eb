"""Every answer of the host carries its receipt; without it a browser takes the answer for somebody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from host.tests.test_host_app import running
from portico.host.receipt import ReceiptMiddleware
from portico.problem import exception_handlers


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with running(tmp_path / "data") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "headers"),
    [
        ("/healthz", 200, {}),
        ("/nowhere", 404, {}),
        ("/api/shop/things", 401, {}),
        ("/deploy/nowhere", 404, {}),
        ("/", 421, {"Host": "elsewhere.example"}),
        ("/", 307, {"Host": "localhost:8000"}),
        ("/auth/callback?state=x", 400, {}),
    ],
)
async def test_pages_refusals_and_misdirected_requests_have_a_receipt(
    client: httpx.AsyncClient, path: str, status: int, headers: dict[str, str]
) -> None:
    plain = await client.get(path, headers=headers)
    keyed = await client.get(path, headers={**headers, "Idempotency-Key": "0198-key"})
    assert (plain.status_code, keyed.status_code) == (status, status)
    assert plain.headers["portico-receipt"] == "1"
    assert keyed.headers["portico-receipt"] == "0198-key"


async def test_an_unexpected_error_has_a_receipt_too() -> None:
    async def fails(_request: Request) -> Response:
        raise RuntimeError("unexpected")

    app = ReceiptMiddleware(Starlette(routes=[Route("/", fails)], exception_handlers=exception_handlers))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
        answer = await client.get("/", headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.headers["portico-receipt"]) == (500, "k")


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with receipts of its own, in any spelling."""
    headers = [(b"portico-receipt", b"forged"), (b"Portico-Receipt", b"forged"), (b"x-own", b"kept")]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def answer(key: bytes | None) -> list[tuple[bytes, bytes]]:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [] if key is None else [(b"idempotency-key", key)]
    await ReceiptMiddleware(broken)({"type": "http", "headers": headers}, receive, send)
    return list(sent[0]["headers"])


async def test_nothing_inside_can_choose_the_receipt() -> None:
    assert await answer(b"mine") == [(b"x-own", b"kept"), (b"portico-receipt", b"mine")]


@pytest.mark.parametrize("key", [None, b"", b"x" * 201, "ö".encode(), b"a\tb", b"\x7f"])
async def test_what_is_no_valid_key_is_not_repeated(key: bytes | None) -> None:
    assert (b"portico-receipt", b"1") in await answer(key)

"""Calls of the API pass no router, and yet what goes wrong in one is answered as everywhere else."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from portico.host.assembly.whole import _application
from portico.host.config import HostConfig
from portico.sql import StoreUnavailable

BASE_URL = "http://127.0.0.1:8000"


def gateway(error: Exception | None) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if error is not None:
            raise error
        await PlainTextResponse(f"gateway {scope['path']}")(scope, receive, send)

    return call


async def ask(folder: Path, path: str, *, error: Exception | None = None) -> httpx.Response:
    async def shell(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"shell {request.url.path}")

    config = HostConfig(base_url=BASE_URL, data_dir=folder)
    app = _application(config, gateway(error), [Route("/{path:path}", shell)])
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as browser:
        return await browser.get(path)


@pytest.mark.parametrize(
    ("path", "who"), [("/api/shop/x", "gateway"), ("/api/", "gateway"), ("/api", "shell"), ("/apix/", "shell")]
)
async def test_what_is_below_api_is_the_gateways(tmp_path: Path, path: str, who: str) -> None:
    assert (await ask(tmp_path, path)).text == f"{who} {path}"


@pytest.mark.parametrize(
    ("error", "status", "slug"),
    [(StoreUnavailable("io", "away"), 503, "store-unavailable"), (ValueError("odd"), 500, "internal-server-error")],
)
async def test_an_error_in_a_call_is_a_problem_with_a_receipt_and_every_header(
    tmp_path: Path, error: Exception, status: int, slug: str
) -> None:
    answer = await ask(tmp_path, "/api/shop/x", error=error)
    assert answer.status_code == status
    assert slug in answer.json()["type"]
    assert answer.headers["portico-receipt"] == "1"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_an_answer_that_is_under_way_is_broken_off_by_an_error(tmp_path: Path) -> None:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError("odd")

    app = _application(HostConfig(base_url=BASE_URL, data_dir=tmp_path), call, [])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL) as browser:
        with pytest.raises(ValueError, match="odd"):
            await browser.get("/api/shop/x")

"""Bodies outside the API: each comes to an end, whoever sends it, and before anybody has asked who that is."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message, Scope

from portico.host.steady_bodies import SteadyBodiesMiddleware
from portico.problem import exception_handlers

PATHS = ["/auth/backchannel-logout", "/ofrep/v1/evaluate/flags", "/deploy/apps"]


async def read(request: Request) -> Response:
    return PlainTextResponse(await request.body())


def app(**limits: float) -> SteadyBodiesMiddleware:
    inner = Starlette(
        routes=[Route("/{path:path}", read, methods=["POST"])],
        exception_handlers=exception_handlers,
    )
    return SteadyBodiesMiddleware(inner, **limits)


async def answered(path: str, pieces: asyncio.Queue[Message], **limits: float) -> list[Message]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": path, "headers": [], "query_string": b""}
    async with asyncio.timeout(10):
        await app(**limits)(scope, pieces.get, send)
    return sent


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_of_which_one_piece_comes_and_nothing_more_is_a_408(path: str) -> None:
    pieces = asyncio.Queue[Message]()
    pieces.put_nowait({"type": "http.request", "body": b"a", "more_body": True})
    start, body = await answered(path, pieces, pause_s=0.05)
    assert start["status"] == 408
    assert b"body-too-slow" in body["body"]


async def test_a_body_that_trickles_has_an_end_but_an_upload_goes_on() -> None:
    def trickle() -> asyncio.Queue[Message]:
        pieces = asyncio.Queue[Message]()
        pieces.put_nowait({"type": "http.request", "body": b"a", "more_body": True})
        pieces.put_nowait({"type": "http.request", "body": b"b", "more_body": False})
        return pieces

    assert (await answered(PATHS[0], asyncio.Queue(), whole_s=0.05))[0]["status"] == 408
    assert (await answered(PATHS[2], trickle(), whole_s=-1))[0]["status"] == 200


async def test_a_body_that_comes_is_passed_on_whole() -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app())) as client:
        answer = await client.post("http://host.example/auth/backchannel-logout", content=b"x" * 100_000)
    assert answer.content == b"x" * 100_000

"""The floor of the live stream: bare Starlette that sends server-sent events to everybody who is connected."""

from __future__ import annotations

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

HELLO = b'data: {"type":"hello","head":"00000000.0"}\n\n'


def create_app() -> Starlette:
    """An application with `/live`, and `/tell?<n>` that sends the number n to all."""
    queues: set[asyncio.Queue[bytes]] = set()

    class Stream:
        async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
            queue: asyncio.Queue[bytes] = asyncio.Queue()
            queues.add(queue)
            leaving = asyncio.ensure_future(_gone(receive, queue))
            headers = [(b"content-type", b"text/event-stream")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            body = HELLO
            while body:
                await send({"type": "http.response.body", "body": body, "more_body": True})
                body = await queue.get()
            queues.discard(queue)
            await leaving

    async def tell(request: Request) -> Response:
        number = request.url.query
        event = f'id: 0.{number}\ndata: {{"id":"0.{number}","data":{{"n":{number}}}}}\n\n'.encode()
        for queue in queues:
            queue.put_nowait(event)
        return PlainTextResponse("")

    async def alive(_request: Request) -> Response:
        return PlainTextResponse("")

    return Starlette(
        routes=[Route("/live", Stream()), Route("/tell", tell, methods=["POST"]), Route("/healthz", alive)]
    )


async def _gone(receive: Receive, queue: asyncio.Queue[bytes]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    queue.put_nowait(b"")

"""Serves the builds on loopback: to pages of one host, and to nothing else that a browser has open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portico.host.dev.feed import Feed
from portico.host.static import FOLDER as STATIC

ENTRY = "/entry.js"
_CLIENT = "dev.js"
_TYPES = {".js": "text/javascript; charset=utf-8", ".map": "application/json", ".css": "text/css; charset=utf-8"}


def dev_server(
    name: str,
    *,
    output: Path,
    feed: Feed,
    page_origin: str,
    port: int,
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """The server for the app `name`, whose builds are in `output`.

    Pages of `page_origin` alone may read anything here. `port` is the one it listens on: requests for another name than
    this machine's are refused (somebody's DNS might point theirs here).
    """

    async def entry(_request: Request) -> Response:
        return Response(_entry(name), media_type=_TYPES[".js"])

    async def client(request: Request) -> Response:
        file = STATIC / (_CLIENT if request.url.path == "/client.js" else f"{_CLIENT}.map")
        if not file.exists():
            raise HTTPException(404, "The browser code is not built. Run `make build`.")
        return FileResponse(file, media_type=_TYPES[file.suffix])

    async def built(request: Request) -> Response:
        file = _below(output, request.path_params["path"])
        if file is None:
            raise HTTPException(404, "This build has no such file, or is not kept any more.")
        return FileResponse(file, media_type=_TYPES.get(file.suffix))

    async def events(_request: Request) -> Response:
        return StreamingResponse(_events(feed), media_type="text/event-stream")

    app = Starlette(
        routes=[
            Route(ENTRY, entry),
            Route("/client.js", client),
            Route(f"/{_CLIENT}.map", client),
            Route("/events", events),
            Route("/b/{path:path}", built),
        ],
        lifespan=lifespan,
    )
    app.add_middleware(
        _ForOneOrigin, origin=page_origin, hosts={f"{host}:{port}" for host in ("127.0.0.1", "localhost")}
    )
    return app


async def _events(feed: Feed) -> AsyncIterator[bytes]:
    async for event in feed.stream():
        yield event


def _below(folder: Path, path: str) -> Path | None:
    """The file of this path in a folder; `None` when there is none, or the path leads out of the folder."""
    file = (folder / path).resolve()
    return file if file.is_relative_to(folder.resolve()) and file.is_file() else None


def _entry(name: str) -> str:
    """The module that the override names. What it loads is of this server, whatever the page's address."""
    return (
        "import { hotApp } from './client.js';\n"
        f"const app = hotApp('{name}', new URL('.', import.meta.url).href);\n"
        "export const { bootstrap, mount, unmount, update } = app;\n"
    )


class _ForOneOrigin:
    """CORS (Fetch, 3.2) for one origin, also where a browser asks before it lets pages reach this machine."""

    def __init__(self, app: ASGIApp, *, origin: str, hosts: set[str]) -> None:
        self.app = app
        self._origin = origin
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        refusal = self._refusal(request)
        headers = {
            b"access-control-allow-origin": self._origin.encode(),
            b"vary": b"Origin",
            # An image in the page is asked for without CORS; scripts of other sites are refused above.
            b"cross-origin-resource-policy": b"cross-origin",
            b"cache-control": b"no-store",
            b"x-content-type-options": b"nosniff",
        }
        if refusal is not None:
            await PlainTextResponse(refusal, 403)(scope, receive, send)
            return
        if request.method == "OPTIONS":
            headers[b"access-control-allow-private-network"] = b"true"
            await _with(PlainTextResponse("", 204), headers)(scope, receive, send)
            return
        await _with(self.app, headers)(scope, receive, send)

    def _refusal(self, request: Request) -> str | None:
        if request.headers.get("host") not in self._hosts:
            return "This server is asked for by 127.0.0.1 or localhost.\n"
        origin = request.headers.get("origin")
        if origin is not None and origin != self._origin:
            return f"This server is for pages of {self._origin}.\n"
        blind = request.headers.get("sec-fetch-mode") == "no-cors"
        if blind and request.headers.get("sec-fetch-dest") not in {"image", "audio", "video"}:
            return "This server is for pages that ask by CORS.\n"
        return None


def _with(app: ASGIApp, headers: dict[bytes, bytes]) -> ASGIApp:
    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [pair for pair in message["headers"] if pair[0].lower() not in headers]
                message = {**message, "headers": [*own, *headers.items()]}
            await send(message)

        await app(scope, receive, sending)

    return answering

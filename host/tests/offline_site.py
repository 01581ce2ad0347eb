"""A small site for the browser tests of what is kept on the device: a page with the platform's elements, and a server
whose answers, faults and live updates a test decides. It keeps a ledger of what it has done.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from host.tests.runtime_site import ROOT, STATIC, TYPES, integrity

RECEIPT = "Portico-Receipt"
EPOCH = "0123abcd"
HEARTBEAT_MS = 15_000
POLICY = (
    "default-src 'none'; script-src 'nonce-n' 'strict-dynamic'; style-src 'self' 'nonce-n'; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types default portico portico-worker"
)
START = "import '@portico/sdk';"  # one module with the runtime, which starts by itself
CORNER = (ROOT / "host/src/portico/host/templates/index.html.j2").read_text().partition('<div class="p-corner">')[2]


@dataclass(frozen=True)
class Answer:
    """What a command gets. `cut`: the connection ends without an answer; with `does`, after the command was done."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    does: bool = True


@dataclass(frozen=True)
class Command:
    """One command as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def key(self) -> str:
        return self.headers["Idempotency-Key"]


@dataclass
class LiveConnection:
    """A live connection that was opened."""

    transport: str
    after: str | None
    queue: asyncio.Queue[dict[str, Any] | None] = field(default_factory=asyncio.Queue)


class OfflineSite:
    """The server. `away`: no call gets through; `held_back`: transports on which nothing comes;
    `worker`: the service worker's script, none by default."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.user: dict[str, Any] | None = {"sub": "ann", "name": "Ann", "roles": []}
        self.main = "<h1>Things</h1>"
        self.signed_in = True
        self.away = False
        self.answers: list[Answer] = []
        self.commands: list[Command] = []
        self.done: dict[str, Any] = {}
        self.held_back: set[str] = set()
        self.connections: list[LiveConnection] = []
        self.open: list[LiveConnection] = []
        self.frames: list[dict[str, Any]] = []
        self.signed_out = 0
        self.worker: str | None = None
        self.heard = asyncio.Event()

    # What a test does.

    def publish(self, kind: str, data: Any, ts: int = 4_000_000_000_000) -> None:
        """A frame for the person, to whoever listens."""
        frame = {
            "id": f"{EPOCH}.{len(self.frames) + 1}",
            "prev": f"{EPOCH}.{len(self.frames)}",
            "type": kind,
            "ts": ts,
            "data": data,
        }
        self.frames.append(frame)
        for connection in self.open:
            connection.queue.put_nowait(frame)

    def notify(self, title: str, body: str = "", href: str = "/things/1") -> None:
        self.publish("notice", {"title": title, "body": body, "href": href, "app": "things"})

    def say(self, control: dict[str, Any] | None) -> None:
        """A control frame to whoever listens; `None` ends the connections."""
        for connection in self.open:
            connection.queue.put_nowait(control)

    async def opened(self, count: int) -> LiveConnection:
        """The latest live connection, once there have been so many."""
        while len(self.connections) < count:
            self.heard.clear()
            await self.heard.wait()
        return self.connections[count - 1]

    # How it answers.

    def application(self) -> web.Application:
        app = web.Application(middlewares=[self._outermost])
        app.router.add_get("/live", self._live)
        app.router.add_get("/healthz", self._alive)
        app.router.add_route("*", "/api/things{rest:.*}", self._api)
        app.router.add_post("/auth/sign-out", self._sign_out)
        app.router.add_get("/a/_portico/{name}", self._asset)
        app.router.add_get("/_portico/worker.js", self._worker)
        app.router.add_get("/{path:.*}", self._page)
        return app

    @web.middleware
    async def _outermost(self, request: web.Request, handler: Any) -> web.StreamResponse:
        called = request.path.startswith(("/api/", "/live", "/healthz"))
        if self.away and called:
            _cut(request)
        response: web.StreamResponse = await handler(request)
        if not response.prepared:
            response.headers[RECEIPT] = request.headers.get("Idempotency-Key", "1")
        return response

    async def _alive(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "alive"})

    async def _worker(self, _request: web.Request) -> web.Response:
        if self.worker is None:
            return web.Response(status=404)
        headers = {"Service-Worker-Allowed": "/", "Cache-Control": "no-cache"}
        return web.Response(text=self.worker, content_type="text/javascript", headers=headers)

    async def _asset(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        kind = TYPES["." + name.rpartition(".")[2]]
        return web.Response(body=(STATIC / name).read_bytes(), content_type=kind)

    async def _sign_out(self, _request: web.Request) -> web.Response:
        self.signed_out += 1
        self.user, self.signed_in = None, False
        raise web.HTTPSeeOther("/")

    async def _api(self, request: web.Request) -> web.StreamResponse:
        if "/_commands/" in request.path:
            return self._outcome(request)
        text = await request.text()
        command = Command(request.method, request.path_qs, request.headers.copy(), json.loads(text) if text else None)
        self.commands.append(command)
        if not self.signed_in:
            return _problem(401, "signed-out")
        answer = self.answers.pop(0) if self.answers else Answer(body={"ok": True})
        replayed = command.key in self.done
        if answer.status < 400 and answer.does and not replayed:
            self.done[command.key] = command.body
        if answer.cut:
            _cut(request)
        headers = {**answer.headers, **({"Idempotency-Replayed": "true"} if replayed else {})}
        if answer.status >= 400 and isinstance(answer.body, str):
            return _problem(answer.status, answer.body, headers)
        content_type = "application/problem+json" if answer.status >= 400 else "application/json"
        return web.Response(
            status=answer.status, text=json.dumps(answer.body), content_type=content_type, headers=headers
        )

    def _outcome(self, request: web.Request) -> web.Response:
        key = request.path.rpartition("/")[2]
        if request.method == "DELETE":
            return _problem(409, "command-applied") if key in self.done else web.Response(status=204)
        if key in self.done:
            return web.json_response({"key": key, "state": "applied", "status": 200, "at": "2026-01-01T00:00:00Z"})
        return _problem(404, "unknown-command")

    async def _live(self, request: web.Request) -> web.StreamResponse:
        if not self.signed_in:
            return _problem(401, "signed-out")
        after = request.query.get("after")
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request, after)
        if "wait" in request.query:
            return await self._poll(request, after)
        return await self._events(request, after)

    async def _events(self, request: web.Request, after: str | None) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", RECEIPT: "1"})
        await response.prepare(request)
        with self._listening("stream", after) as connection, suppress(ConnectionError):
            async for frame in self._said(connection):
                await response.write(f"data: {json.dumps(frame)}\n\n".encode())
        return response

    async def _socket(self, request: web.Request, after: str | None) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        with self._listening("socket", after) as connection, suppress(ConnectionError):
            sending = asyncio.create_task(self._speak(socket, connection))
            async for message in socket:
                if message.type in {WSMsgType.CLOSE, WSMsgType.ERROR}:
                    break
            sending.cancel()
        return socket

    async def _speak(self, socket: web.WebSocketResponse, connection: LiveConnection) -> None:
        async for frame in self._said(connection):
            await socket.send_json(frame)
        await socket.close()

    async def _poll(self, request: web.Request, after: str | None) -> web.Response:
        with self._listening("poll", after) as connection:
            frames, reset = self._after(after)
            if not frames and request.query["wait"] != "0":
                with suppress(TimeoutError):
                    async with asyncio.timeout(float(request.query["wait"])):
                        frame = await connection.queue.get()
                        frames = [] if frame is None else [frame]
        return web.json_response({"hello": self._hello(), "frames": frames, "reset": reset})

    def _listening(self, transport: str, after: str | None) -> _Listening:
        return _Listening(self, LiveConnection(transport, after))

    async def _said(self, connection: LiveConnection) -> AsyncIterator[dict[str, Any]]:
        if connection.transport in self.held_back:
            await asyncio.Event().wait()
        yield self._hello()
        frames, reset = self._after(connection.after)
        if reset:
            yield {"type": "reset", "head": self._head, "frames": frames}
        else:
            for frame in frames:
                yield frame
        while (said := await connection.queue.get()) is not None:
            yield said

    def _after(self, after: str | None) -> tuple[list[dict[str, Any]], bool]:
        if after is None:
            return self.frames[:], True
        return self.frames[int(after.partition(".")[2]) :], False

    @property
    def _head(self) -> str:
        return f"{EPOCH}.{len(self.frames)}"

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "head": self._head,
            "oldest": f"{EPOCH}.0",
            "epoch": EPOCH,
            "region": "here",
            "heartbeat": HEARTBEAT_MS,
        }

    async def _page(self, request: web.Request) -> web.Response:
        specifiers = {"sdk": "runtime", "sdk/offline": "offline", "sdk/log": "log", "runtime/later": "later"}
        urls = {name: f"/a/_portico/{name}.js" for name in specifiers.values()}
        digests = {urls[name]: integrity((STATIC / f"{name}.js").read_bytes()) for name in specifiers.values()}
        imports = {f"@portico/{specifier}": urls[name] for specifier, name in specifiers.items()}
        text = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Site</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/a/_portico/shell.css">
<script type="importmap" nonce="n">{json.dumps({"imports": imports, "integrity": digests})}</script>
<script type="application/json" id="portico-apps">{json.dumps(self._boot())}</script>
<script type="module" nonce="n">{START}</script>
</head><body><main id="main">{self.main}
<form method="post" action="/auth/sign-out"><button class="p-button">Sign out</button></form></main>
<div class="p-corner">{CORNER}"""
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        return web.Response(text=text, content_type="text/html", headers=headers)

    def _boot(self) -> dict[str, Any]:
        activity = {
            "name": "@site/activity",
            "app": "activity",
            "entry": "/activity.js",
            "styles": [],
            "routes": [{"path": "/activity", "slot": "main", "access": "public"}],
            "bff": None,
        }
        return {
            "revision": 1,
            "loadTimeoutMs": 10_000,
            "heading": "Site",
            "user": self.user,
            "apps": [activity],
            "mountPoints": {},
            "page": {"status": 200, "slot": "main"},
            "urls": {"signIn": "/auth/sign-in", "signOut": "/auth/sign-out"},
        }


class _Listening:
    """Counts a live connection while it is open."""

    def __init__(self, site: OfflineSite, connection: LiveConnection) -> None:
        self.site = site
        self.connection = connection

    def __enter__(self) -> LiveConnection:
        self.site.connections.append(self.connection)
        self.site.open.append(self.connection)
        self.site.heard.set()
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.site.open.remove(self.connection)


def _cut(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
    raise web.HTTPServiceUnavailable


def _problem(status: int, slug: str, headers: dict[str, str] | None = None) -> web.Response:
    body = {"type": f"https://portico.dev/problems/{slug}", "title": slug, "status": status}
    return web.Response(
        status=status, text=json.dumps(body), content_type="application/problem+json", headers=headers or {}
    )


@asynccontextmanager
async def offline_site() -> AsyncIterator[OfflineSite]:
    """The site on a free port of the loopback address."""
    site = OfflineSite(0)
    runner = web.AppRunner(site.application(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()

"""A gateway in front of a BFF that says what reached it: mounted in this process, or over real HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field, replace

import httpx
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.types import ASGIApp, Receive, Scope, Send

from host.tests.real_servers import free_ports
from portico.host.config import GatewayLimits
from portico.host.gateway import Backend, Gateway, RemoteBackend
from portico.host.gateway.headers import Header
from portico.host.gateway.remote import new_client
from portico.host.tokens import Identity

BASE_URL = "http://127.0.0.1:8000"
OURS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}
LIMITS = GatewayLimits(body_bytes=1000, timeout_s=30, concurrency=2, concurrency_each=2)


@dataclass(frozen=True)
class Ada:
    id: str = "session-1"
    sub: str = "ada"
    name: str = "Ada"
    roles: tuple[str, ...] = ()
    tenant: str | None = None
    version: int = 1
    expires_at: float = 9e9


class AudienceTokens:
    """Tokens that say for whom they are."""

    async def token_for(self, identity: Identity, audience: str) -> str:
        return f"{identity.sub}@{audience}"


@dataclass
class Echo:
    """Answers with what it was asked; `/stuck` never does; half-way `/broken` breaks off, `/stream` waits."""

    streams: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once a stream has begun."""
    may_end: asyncio.Event = field(default_factory=asyncio.Event)
    """Set by the test to let streams end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if path == "/stuck":
            await asyncio.Event().wait()
        headers = [
            (b"content-type", b"application/json"),
            (b"set-cookie", b"portico=stolen"),
            (b"service-worker-allowed", b"/"),
            (b"clear-site-data", b'"*"'),
            (b"content-security-policy", b"default-src * 'unsafe-inline'"),
            (b"access-control-allow-origin", b"*"),
            (b"refresh", b"0;url=https://evil.example"),
            (b"x-frame-options", b"ALLOWALL"),
            (b"x-own", b"kept"),
        ]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        if path == "/stream":
            await send({"type": "http.response.body", "body": b"first, ", "more_body": True})
            self.streams.set()
            await self.may_end.wait()
            await send({"type": "http.response.body", "body": b"last"})
            return
        if path == "/broken":
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise RuntimeError("broke in the middle")
        said = {
            "method": scope["method"],
            "path": path,
            "query": scope["query_string"].decode(),
            "headers": [(name.decode(), value.decode()) for name, value in scope["headers"]],
            "body": body.decode(),
        }
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})


@dataclass(frozen=True)
class InProcess:
    """A BFF in this process."""

    app: ASGIApp
    name: str = "in process"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@dataclass
class Apps:
    """A directory of BFFs in memory."""

    backends: dict[str, Backend] = field(default_factory=dict)

    async def backend(self, app: str, _identity: Identity, _headers: list[Header]) -> Backend | None:
        return self.backends.get(app)


@contextlib.asynccontextmanager
async def mounted(app: ASGIApp) -> AsyncIterator[Backend]:
    yield InProcess(app)


@contextlib.asynccontextmanager
async def remote(app: ASGIApp) -> AsyncIterator[Backend]:
    [port] = free_ports(1)
    server = Server(app, port=port, interface=Interfaces.ASGI, log_level=LogLevels.critical)
    serving = asyncio.create_task(server.serve())
    client = new_client()
    try:
        await _connectable(port)
        yield RemoteBackend(client, f"http://127.0.0.1:{port}")
    finally:
        await client.close()
        server.stop()  # type: ignore[no-untyped-call]
        await serving


async def _connectable(port: int) -> None:
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return


Call = Callable[..., Coroutine[None, None, httpx.Response]]


def calling(apps: Apps, identity: Identity | None = None, *, timeout_s: float = LIMITS.timeout_s) -> Call:
    """A client of a gateway in which Ada is signed in, and a BFF has so long to answer."""
    limits = replace(LIMITS, timeout_s=timeout_s)

    async def identify(headers: list[Header]) -> Identity | None:
        return identity

    gateway = Gateway(base_url=BASE_URL, identify=identify, tokens=AudienceTokens(), directory=apps, limits=limits)

    async def call(method: str, path: str, **options: object) -> httpx.Response:
        transport = httpx.ASGITransport(gateway)
        async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
            return await client.request(method, path, **options)  # type: ignore[arg-type]

    return call

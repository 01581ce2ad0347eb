"""A gateway behind a real HTTP server, in front of a BFF that a test directs: in its process, or behind HTTP itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from host.tests.real_servers import free_ports, serving
from portico.host.config import GatewayLimits
from portico.host.gateway import Backend, Breakers, Gateway, OpenCalls, RemoteBackend
from portico.host.gateway.headers import Header, header
from portico.host.gateway.open_calls import Alive
from portico.host.gateway.remote import new_client
from portico.host.tokens import Identity


@dataclass(frozen=True)
class Person:
    sub: str
    roles: tuple[str, ...] = ()
    tenant: str | None = None
    version: int = 1
    expires_at: float = 9e9

    @property
    def id(self) -> str:
        return f"session-of-{self.sub}"

    @property
    def name(self) -> str:
        return self.sub


class Tokens:
    async def token_for(self, identity: Identity, audience: str) -> str:
        return f"{identity.sub}@{audience}"


@dataclass
class Bff:
    """What the BFF does is up to the test; it notes how its calls ended."""

    name: str = "bff"
    calls: asyncio.Queue[Heard] = field(default_factory=asyncio.Queue)
    heard: list[Heard] = field(default_factory=list)
    is_released: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        heard = Heard(scope, receive, send)
        self.heard.append(heard)
        if self.is_released:
            return
        self.calls.put_nowait(heard)
        try:
            await heard.released.wait()
        except asyncio.CancelledError:
            heard.cancelled.set()
            raise

    def release(self) -> None:
        """Let every call end, also those to come."""
        self.is_released = True
        for heard in self.heard:
            heard.done()

    async def called(self) -> Heard:
        """The next call that reaches the BFF."""
        async with asyncio.timeout(10):
            return await self.calls.get()


@dataclass
class Heard:
    """One call as the BFF has it. It goes on until `done`."""

    scope: Scope
    receive: Receive
    send: Send
    released: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    def done(self) -> None:
        self.released.set()

    async def begin(self, *headers: Header, status: int = 200) -> None:
        await self.send({"type": "http.response.start", "status": status, "headers": list(headers)})

    async def say(self, body: bytes, *, more: bool = True) -> None:
        await self.send({"type": "http.response.body", "body": body, "more_body": more})

    async def answer(self, body: bytes = b"", *headers: Header, status: int = 200) -> None:
        await self.begin(*headers, status=status)
        await self.say(body, more=False)
        self.done()

    async def gone(self) -> None:
        """Return once the call was cancelled, or its connection has ended."""
        async with asyncio.timeout(10):
            if self.scope["app_in_process"]:
                await self.cancelled.wait()
            else:
                while (await self.receive())["type"] not in {"http.disconnect", "websocket.disconnect"}:
                    pass


async def _lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@dataclass
class Marked:
    """The BFF, its calls marked with where it runs."""

    bff: Bff
    in_process: bool
    name: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.bff({**scope, "app_in_process": self.in_process}, receive, send)


class NotedCalls(OpenCalls):
    """Open calls that a test can wait for."""

    def __init__(self, alive: Alive) -> None:
        super().__init__(alive)
        self.noted: asyncio.Queue[str] = asyncio.Queue()

    @contextmanager
    def opened(self, session_id: str, end: Callable[[], None]) -> Iterator[None]:
        with super().opened(session_id, end):
            self.noted.put_nowait(session_id)
            yield


@dataclass
class Site:
    """`port` is the gateway's; everybody who sends `X-Who: name` is signed in."""

    port: int
    bff: Bff
    open_calls: NotedCalls
    breakers: Breakers
    ended: set[str]
    gateway: Gateway

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def head(self, method: str = "GET", path: str = "/api/shop/x", *lines: str, who: str = "ada") -> bytes:
        """A request's head, as it goes over the wire."""
        ours = [f"Host: 127.0.0.1:{self.port}", f"X-Who: {who}", "X-Portico: 1", "Sec-Fetch-Site: same-origin"]
        return "\r\n".join([f"{method} {path} HTTP/1.1", *ours, *lines, "", ""]).encode("latin-1")

    async def connect(self, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(head)
        await writer.drain()
        return reader, writer


@asynccontextmanager
async def gateway_site(*, remote: bool, limits: GatewayLimits | None = None, **options: Any) -> AsyncIterator[Site]:
    """A site whose app `shop` is the BFF; `remote` puts it behind a server of its own, or has it at `origin`."""
    bff, ended = Bff(), set[str]()
    port, bff_port = free_ports(2)
    async with AsyncExitStack() as stack:
        backend: Backend = Marked(bff, in_process=True, name="in process")
        if remote:
            client = await stack.enter_async_context(new_client())
            origin = options.pop("origin", None)
            if origin is None:
                marked = Marked(bff, in_process=False, name="remote")
                await stack.enter_async_context(serving(_with_lifespan(marked), bff_port))
            backend = RemoteBackend(client, origin or f"http://127.0.0.1:{bff_port}")

        async def alive(session_ids: Sequence[str]) -> Collection[str]:
            return [one for one in session_ids if one not in ended]

        open_calls, breakers = NotedCalls(alive), options.pop("breakers", Breakers(lambda: 0.0))
        gateway = Gateway(
            base_url=f"http://127.0.0.1:{port}",
            identify=_identify,
            tokens=Tokens(),
            directory=_Directory({"shop": backend, **options.pop("more", {})}),
            limits=limits or GatewayLimits(),
            open_calls=open_calls,
            breakers=breakers,
            **options,
        )
        await stack.enter_async_context(serving(_with_lifespan(gateway), port))
        stack.callback(bff.release)
        yield Site(port, bff, open_calls, breakers, ended, gateway)


@dataclass
class _Directory:
    backends: dict[str, Backend]

    async def backend(self, app: str, _identity: Identity, _headers: list[Header]) -> Backend | None:
        return self.backends.get(app)


async def _identify(headers: list[Header]) -> Identity | None:
    who = header(headers, b"x-who") or (header(headers, b"cookie") or "").removeprefix("who=")
    return Person(who) if who else None


def _with_lifespan(app: Any) -> Any:
    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        await app(scope, receive, send)

    return served

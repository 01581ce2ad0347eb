"""Live streams over real HTTP: a real hub, a server that serves `/live` alone, and clients that read what comes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import aiohttp
import nats
from nats.aio.client import Client
from nats.js import JetStreamContext
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute

from host.tests.real_servers import free_ports, serving
from portico.feed import ensure_stream, person_subject, tenant_subject
from portico.host.gateway.headers import header
from portico.host.live import PATH, Live, LiveEndpoint, LiveLimits
from portico.host.nats import NatsServer
from portico.host.session import RawHeaders, Session

OURS = {"X-Portico": "1", "Sec-Fetch-Site": "same-origin"}
PATIENCE_S = 30.0
"""How long a hub may take that has a busy disk: it writes every message to it. Tests of less patience say so."""
Frame = dict[str, Any]


@dataclass
class Sessions:
    """Whose session a request's cookie names: `person` or `person@tenant`, until it is ended."""

    ended: set[str] = field(default_factory=set)
    asked: list[int] = field(default_factory=list)

    async def identify(self, headers: RawHeaders) -> Session | None:
        name = header(headers, b"cookie")
        if name is None or name in self.ended:
            return None
        sub, _, tenant = name.partition("@")
        return Session(name, sub, sub, (), tenant or None, 9e9, 1)

    async def alive(self, session_ids: Sequence[str]) -> Collection[str]:
        self.asked.append(len(session_ids))
        return set(session_ids) - self.ended


class Hub:
    """A hub of a test's own, at a port that it keeps when it is killed and started again."""

    def __init__(self, folder: Path) -> None:
        [port] = free_ports(1)
        self._server = NatsServer(folder, port=port)
        self.url = ""
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._folder = folder

    async def start(self) -> None:
        self.url = await self._server.start()

    async def kill(self) -> None:
        """SIGKILL, as a power cut does it."""
        await self.disconnect()
        os.kill(int((self._folder / "nats.pid").read_text()), signal.SIGKILL)
        await self._server.stop()

    async def stop(self) -> None:
        await self.disconnect()
        await self._server.stop()

    async def disconnect(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def jetstream(self) -> JetStreamContext:
        async with self._connecting:
            if self._client is None:
                self._client = await nats.connect(self.url)
                await ensure_stream(self._client.jetstream(timeout=PATIENCE_S))
        return self._client.jetstream(timeout=PATIENCE_S)

    async def tell(self, person: str, number: int, **data: object) -> int:
        """Tell a person something; its seq."""
        return await self.publish(person_subject(person), number, **data)

    async def tell_tenant(self, tenant: str, number: int) -> int:
        return await self.publish(tenant_subject(tenant), number)

    async def publish(self, subject: str, number: int, **data: object) -> int:
        body = {"type": "things.changed", "ts": 1_800_000_000_000 + number, "data": {"number": number, **data}}
        return (await (await self.jetstream()).publish(subject, json.dumps(body).encode())).seq


class EventStream:
    """An open event stream, frame by frame."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response
        self.ids: list[str | None] = []

    async def frame(self) -> Frame | None:
        """The next frame; `None` at the end of the stream."""
        event_id = None
        while line := await self.response.content.readline():
            text = line.decode().rstrip("\n")
            if text.startswith("id: "):
                event_id = text.removeprefix("id: ")
            elif text.startswith("data: "):
                frame: Frame = json.loads(text.removeprefix("data: "))
                assert frame.get("id") == event_id
                return frame
        return None

    async def wanted(self, *, beats: bool = False) -> Frame:
        """The next frame that is no heartbeat."""
        while (frame := await self.frame()) is not None:
            if beats or frame["type"] != "beat":
                return frame
        raise AssertionError("the stream has ended")

    async def take(self, number: int) -> list[Frame]:
        return [await self.wanted() for _ in range(number)]

    async def rest(self) -> list[Frame]:
        """All that comes until the server ends the stream, without heartbeats."""
        frames = []
        while (frame := await self.frame()) is not None:
            if frame["type"] != "beat":
                frames.append(frame)
        return frames


@dataclass
class LiveWorld:
    """One replica at `url`, and a client."""

    url: str
    hub: Hub
    live: Live
    sessions: Sessions
    client: aiohttp.ClientSession

    @asynccontextmanager
    async def stream(self, person: str, after: str | None = None) -> AsyncIterator[EventStream]:
        """An event stream that has said `hello` or whatever else it begins with."""
        async with self.client.get(self._url(after), headers={**OURS, "Cookie": person}) as response:
            assert response.status == 200, await response.text()
            yield EventStream(response)

    async def poll(self, person: str, after: str | None = None, wait: int = 0) -> Frame:
        async with self.client.get(self._url(after, f"wait={wait}"), headers={**OURS, "Cookie": person}) as response:
            assert response.status == 200, await response.text()
            answer: Frame = await response.json()
            return answer

    @asynccontextmanager
    async def socket(self, person: str, after: str | None = None) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        headers = {"Cookie": person, "Origin": self.url}
        async with self.client.ws_connect(self._url(after), headers=headers) as socket:
            yield socket

    def _url(self, after: str | None, *more: str) -> str:
        query = [*more, *([f"after={after}"] if after is not None else [])]
        return f"{self.url}{PATH}{'?' if query else ''}{'&'.join(query)}"

    async def settled(self) -> Self:
        """Once this replica has read all that the hub has."""
        last = (await (await self.hub.jetstream()).stream_info("FEEDS")).state.last_seq
        await until(lambda: self.live.position >= last)
        return self

    async def until_open(self, number: int) -> None:
        await until(lambda: len(self.live.registry) == number)


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds; the test's own time limit is the limit."""
    while True:
        if holds():
            return
        await asyncio.sleep(0.002)  # polling


def numbers(frames: Sequence[Frame]) -> list[int]:
    """What the test told, of frames with an id; they are chained by `prev`."""
    told = [frame for frame in frames if "id" in frame]
    for before, after in pairwise(told):
        assert after["prev"] == before["id"]
    return [frame["data"]["number"] for frame in told]


@asynccontextmanager
async def replica(hub: Hub, sessions: Sessions | None = None, **limits: Any) -> AsyncIterator[LiveWorld]:
    """A server that serves the hub's feeds."""
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    sessions = sessions or Sessions()
    patient = {"read_timeout_s": PATIENCE_S, **limits}
    live = Live(hub.url, region="here", alive=sessions.alive, limits=LiveLimits(**patient))
    endpoint = LiveEndpoint(live, base_url=url, identify=sessions.identify)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        live.start()
        yield
        await live.stop()

    app = Starlette(routes=[Route(PATH, endpoint), WebSocketRoute(PATH, endpoint)], lifespan=lifespan)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(app, port))
        stack.callback(live.drain)
        client = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=60),
                read_bufsize=2**20,
            )
        )
        yield LiveWorld(url, hub, live, sessions, client)


@asynccontextmanager
async def running_hub(folder: Path) -> AsyncIterator[Hub]:
    hub = Hub(folder)
    await hub.start()
    try:
        yield hub
    finally:
        with contextlib.suppress(ProcessLookupError):
            await hub.stop()


@asynccontextmanager
async def live_world(folder: Path, **limits: Any) -> AsyncIterator[LiveWorld]:
    """A hub and one replica."""
    async with running_hub(folder) as hub, replica(hub, **limits) as world:
        yield world

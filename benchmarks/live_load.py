"""`python -m benchmarks.live_load`: opens streams and measures what comes; a plan on stdin, figures on stdout."""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nats
from nats.aio.msg import Msg
from nats.js.api import DeliverPolicy

from benchmarks.live_client import Client
from portico.feed import person_subject, tenant_subject

_WAVE = 250  # connections being opened at once; the whole of them in the storm
_SETTLE_S = 1.0
_LIMIT_S = 40.0
NEW = DeliverPolicy.NEW

Publish = Callable[[str | None, int], Awaitable[None]]


class Load:
    """Many clients of one server. `publish(person, n)` has one person, or with `None` everybody, told number n."""

    def __init__(self, plan: dict[str, Any], publish: Publish) -> None:
        parts = urlsplit(plan["url"])
        self._address = (parts.hostname, parts.port)
        self._cookies: Sequence[str] = plan["cookies"]
        self._pid: int = plan["pid"]
        self._publish = publish
        self._clients: list[Client] = []
        self._waiting: dict[int, tuple[int, asyncio.Event]] = {}
        self._sent: dict[int, float] = {}
        self._delays: dict[int, list[float]] = {}
        self._number = 0
        self.direct: dict[int, float] = {}

    async def memory_kb(self) -> float:
        """What one connection costs the server's process, once it has them all."""
        await self.open(self._cookies[:200])  # what is made once is made
        await self.close()
        before = self._rss_kb()
        await self.open(self._cookies)
        await asyncio.sleep(_SETTLE_S)
        return (self._rss_kb() - before) / len(self._cookies)

    async def open(self, cookies: Sequence[str], *, heads: Sequence[bytes] = (), wave: int = _WAVE) -> float:
        """Connect everyone, from where each was; the seconds until the last has heard `hello`."""
        began = time.monotonic()
        slots = asyncio.Semaphore(wave)
        loop = asyncio.get_running_loop()

        async def connect(place: int) -> Client:
            async with slots:
                opened = asyncio.Event()
                after = f"?after={heads[place].decode()}" if heads else ""
                request = (
                    f"GET /live{after} HTTP/1.1\r\nHost: {self._address[0]}:{self._address[1]}\r\nX-Portico: 1\r\n"
                    f"Sec-Fetch-Site: same-origin\r\nCookie: {cookies[place]}\r\n\r\n"
                )
                _, client = await loop.create_connection(
                    lambda: Client(request.encode(), opened.set, self._heard), *self._address
                )
                await opened.wait()
                return client

        self._clients = await asyncio.gather(*(connect(place) for place in range(len(cookies))))
        failed = [client.failed for client in self._clients if client.failed]
        if failed:
            raise RuntimeError(f"{len(failed)} clients failed, the first with {failed[0]}")
        return time.monotonic() - began

    async def close(self) -> None:
        """Everybody goes at once."""
        for client in self._clients:
            if client.transport is not None:
                client.transport.abort()
        self._clients = []
        await asyncio.sleep(_SETTLE_S)

    async def to_all(self) -> float:
        """Milliseconds from one message for everybody to its arrival at the last."""
        arrived = self._expect(len(self._clients))
        await self._publish(None, self._number)
        async with asyncio.timeout(_LIMIT_S):
            await arrived.wait()
        return max(self._delays.pop(self._number)) * 1000

    async def each(self, people: int, per_second: float, seconds: float) -> list[float]:
        """Milliseconds to each of some people, who are told something so many times a second, spread evenly."""
        events, first = [], self._number + 1
        total = int(people * per_second * seconds)
        began = time.monotonic()
        for turn in range(total):
            ahead = began + turn / (people * per_second) - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(ahead)
            events.append(self._expect(1))
            await self._publish(f"person-{turn % people}", self._number)
        async with asyncio.timeout(_LIMIT_S):
            for arrived in events:
                await arrived.wait()
        return [1000 * self._delays.pop(number)[0] for number in range(first, self._number + 1)]

    async def storm(self, missed: int) -> float:
        """All go, miss some messages, and come back at once; seconds until everybody has everything."""
        heads = [_cursor(client) for client in self._clients]
        await self.close()
        arrived = [self._expect(len(heads)) for _ in range(missed)]
        for number in range(self._number - missed + 1, self._number + 1):
            await self._publish(None, number)
        began = time.monotonic()
        await self.open(self._cookies, heads=heads, wave=len(heads))
        async with asyncio.timeout(_LIMIT_S):
            for event in arrived:
                await event.wait()
        seconds = time.monotonic() - began
        after = {tuple(client.seqs) for client in self._clients}
        if len(after) != 1 or len(next(iter(after))) != missed:
            raise RuntimeError("some clients have not the same messages, each once")
        return seconds

    def _expect(self, clients: int) -> asyncio.Event:
        self._number += 1
        arrived = asyncio.Event()
        self._waiting[self._number] = (clients, arrived)
        self._sent[self._number] = time.monotonic()
        self._delays[self._number] = []
        return arrived

    def _heard(self, number: int, now: float) -> None:
        if (waited := self._waiting.get(number)) is None:
            return
        left, arrived = waited
        self._delays[number].append(now - self._sent[number])
        self._waiting[number] = (left - 1, arrived)
        if left == 1:
            arrived.set()
            del self._waiting[number]

    def heard_directly(self, body: bytes, now: float) -> None:
        """A message as the hub delivers it, without the host."""
        number = json.loads(body)["data"]["n"]
        self.direct[number] = 1000 * (now - self._sent[number])

    async def all_direct(self, number: int) -> None:
        """Return once so many have come without the host: they may be later than those that came through it."""
        async with asyncio.timeout(_LIMIT_S):
            while True:
                if len(self.direct) >= number:
                    return
                await asyncio.sleep(0.01)

    def cpu_ns(self) -> int:
        """User and system time of the server's process so far."""
        return time.clock_gettime_ns((~self._pid << 3) | 2)

    def _rss_kb(self) -> float:
        pages = int(Path(f"/proc/{self._pid}/statm").read_text().split()[1])
        return pages * 4096 / 1024


def _cursor(client: Client) -> bytes:
    if not client.seqs:
        return client.head
    return b"%b.%d" % (client.head.partition(b".")[0], client.seqs[-1])


async def _measure(plan: dict[str, Any]) -> dict[str, Any]:
    async with _publisher(plan) as publish:
        load = Load(plan, publish)
        figures: dict[str, Any] = {"kb": await load.memory_kb()}
        await load.to_all()
        before = load.cpu_ns()
        figures["to_all_ms"] = [await load.to_all() for _ in range(plan["rounds"])]
        figures["cpu_us"] = (load.cpu_ns() - before) / len(plan["cookies"]) / plan["rounds"] / 1000
        if plan["each"]:
            async with _direct(plan["nats"], load.heard_directly):
                before = load.cpu_ns()
                delays = await load.each(**plan["each"])
                figures["each_cpu_us"] = (load.cpu_ns() - before) / len(delays) / 1000
                await load.all_direct(len(delays))
            direct = [load.direct[number] for number in sorted(load.direct)]
            figures["each_ms"], figures["direct_ms"] = _spread(delays), _spread(direct)
            figures["added_ms"] = _spread([mine - its for mine, its in zip(delays, direct, strict=True)])
            before = load.cpu_ns()
            figures["storm_s"] = [await load.storm(plan["missed"]) for _ in range(2)]
            figures["storm_cpu_us"] = (load.cpu_ns() - before) / 2 / len(plan["cookies"]) / 1000
        await load.close()
        return figures


def _spread(delays: list[float]) -> list[float]:
    """The median, the 99th percentile, and the worst."""
    return [statistics.median(delays), statistics.quantiles(delays, n=100)[98], max(delays)]


@asynccontextmanager
async def _direct(nats_url: str, heard: Callable[[bytes, float], None]) -> AsyncIterator[None]:
    """A consumer of the same stream in this process: as soon as anything can hear of it."""
    client = await nats.connect(nats_url)

    async def take(message: Msg) -> None:
        heard(message.data, time.monotonic())

    await client.jetstream().subscribe("feed.person.>", cb=take, ordered_consumer=True, deliver_policy=NEW)
    try:
        yield
    finally:
        await client.close()


class _publisher:  # noqa: N801 - used like a function
    """Publishes to the hub, or posts to the floor."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._client: Any = None

    async def __aenter__(self) -> Publish:
        if not self._plan["nats"]:
            self._reader, self._writer = await asyncio.open_connection(
                urlsplit(self._plan["url"]).hostname, urlsplit(self._plan["url"]).port
            )
            return self._post
        self._client = await nats.connect(self._plan["nats"])
        return self._tell

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()

    async def _tell(self, person: str | None, number: int) -> None:
        subject = tenant_subject("everybody") if person is None else person_subject(person)
        body = {"type": "things.changed", "ts": 1, "data": {"id": "0198c0de-0000-7000-8000-000000000000", "n": number}}
        await self._client.publish(subject, json.dumps(body, separators=(",", ":")).encode())

    async def _post(self, _person: str | None, number: int) -> None:
        self._writer.write(f"POST /tell?{number} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode())
        await self._writer.drain()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(json.load(sys.stdin)))))

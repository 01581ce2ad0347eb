"""The proxy itself: listens on loopback in a thread of its own, and takes its orders from the test's thread."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, TypeVar
from urllib.parse import urlsplit

import h11

from portico.bff.testing.faults.connection import Connection
from portico.bff.testing.faults.gate import Gate
from portico.bff.testing.faults.journal import Exchange, Journal
from portico.bff.testing.faults.origin import Origin
from portico.bff.testing.faults.rules import Fault, Rule
from portico.bff.testing.faults.wire import ClientWire, Wire

_ORDER_LIMIT_S = 10.0
_PORTAL = b"<!doctype html><title>Welcome</title><h1>Welcome to our network</h1><p>Please pay for your room.</p>"
_Value = TypeVar("_Value")


class FaultProxy:
    """Stands between a browser and the platform at `upstream` (`http://127.0.0.1:8000`), and fails as it is told.

    Use it as a context manager, or `start` and `stop` it. Faults are set from any thread; methods that harm requests
    take a method and a path pattern (`*` stands for anything) and return the `Rule`, whose `wait()` returns once it has
    fired. The rule that was set last goes first. `journal` has every request and how far it came.

    A platform that runs already believes that people see its own address: pass `rewrite_origin=True`, and headers that
    name the one origin name the other. A platform that is started for the test takes `url` as its `PORTICO_BASE_URL`.
    """

    def __init__(self, upstream: str, *, rewrite_origin: bool = False) -> None:
        self.journal = Journal()
        self._upstream = urlsplit(upstream)
        self._rules: list[Rule] = []
        self._connections: dict[asyncio.Task[None], Connection | None] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)
        self._gate = Gate(self._admit)
        self.port = self._gate.port
        self.url = f"http://127.0.0.1:{self.port}"
        self._origin = Origin(shown=self.url, real=upstream.rstrip("/")) if rewrite_origin else None

    def start(self) -> FaultProxy:
        """Listen."""
        self._thread.start()
        self._order(self._open())
        return self

    def stop(self) -> None:
        """End every connection and the thread."""
        self._order(self._refuse())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._gate.give_up()

    def __enter__(self) -> FaultProxy:
        """See `start`."""
        return self.start()

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        """See `stop`."""
        self.stop()

    def cut_before_delivery(
        self, method: str = "*", path: str = "*", *, times: int | None = 1, repeatable: bool = False
    ) -> Rule:
        """The request never reaches the server; the client's connection breaks.

        With `repeatable` it breaks as a kept connection does that had gone stale. Browsers then send the request once
        more by themselves, a POST too, and the page hears nothing of it.
        """
        return self._harm(Fault(kind="cut before delivery", repeatable=repeatable), method, path, times)

    def cut_before_reply(
        self, method: str = "*", path: str = "*", *, times: int | None = 1, repeatable: bool = False
    ) -> Rule:
        """The server has answered whole, so it has done what was asked; nothing of that reaches the client.

        `repeatable`: see `cut_before_delivery`.
        """
        return self._harm(Fault(kind="cut before reply", repeatable=repeatable), method, path, times)

    def cut_mid_body(self, method: str = "*", path: str = "*", *, after: int = 0, times: int | None = 1) -> Rule:
        """The status, the headers and `after` bytes of the body reach the client (never all); then it breaks."""
        return self._harm(Fault(kind="cut in mid-body", after=after), method, path, times)

    def hold_before_delivery(self, method: str = "*", path: str = "*", *, times: int | None = 1) -> Rule:
        """The request waits in the proxy until `Rule.release`, or goes no further if the client leaves."""
        return self._harm(Fault(kind="held before delivery"), method, path, times)

    def hold_before_reply(self, method: str = "*", path: str = "*", *, times: int | None = 1) -> Rule:
        """The server has answered whole; the answer waits in the proxy until `Rule.release`."""
        return self._harm(Fault(kind="held before reply"), method, path, times)

    def hold_mid_body(self, method: str = "*", path: str = "*", *, after: int = 0, times: int | None = 1) -> Rule:
        """After the headers and `after` bytes of the body, the rest waits until `Rule.release`."""
        return self._harm(Fault(kind="held in mid-body", after=after), method, path, times)

    def black_hole(self, method: str = "*", path: str = "*", *, times: int | None = None) -> Rule:
        """Requests are taken and never answered, until the rule ends and breaks their connections."""
        return self._harm(Fault(kind="black hole"), method, path, times)

    def slow(
        self,
        method: str = "*",
        path: str = "*",
        *,
        latency_s: float = 0.0,
        bytes_per_s: int | None = None,
        times: int | None = None,
    ) -> Rule:
        """Requests are delivered `latency_s` seconds late; bodies of answers come with `bytes_per_s` at most."""
        return self._harm(Fault(kind="slow", latency_s=latency_s, bytes_per_s=bytes_per_s), method, path, times)

    def captive_portal(
        self, method: str = "*", path: str = "*", *, redirect: str | None = None, times: int | None = None
    ) -> Rule:
        """A hotel's network answers in the platform's place: 200 with a page, or 302 to `redirect` if one is given."""
        headers = {"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}
        if redirect is not None:
            return self.answer(method, path, status=302, headers={**headers, "Location": redirect}, times=times)
        return self.answer(method, path, headers=headers, body=_PORTAL, times=times)

    def answer(
        self,
        method: str = "*",
        path: str = "*",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        times: int | None = 1,
    ) -> Rule:
        """Somebody between client and server answers: a gateway's 503, a filter's page."""
        fault = Fault(kind="answered by another", status=status, headers=headers or {}, body=body)
        return self._harm(fault, method, path, times)

    def refuse(self) -> None:
        """Connections are refused, and those that are open break: the server's machine is not there."""
        self._order(self._refuse())

    def cut_streams(self, path: str = "*") -> int:
        """Break open connections whose request is under way now: event streams, WebSockets. Returns how many."""
        return self._order(self._cut_streams(path))

    def open_streams(self, path: str = "*") -> int:
        """How many requests are under way now."""
        return self._order(self._count(path))

    def heal(self) -> None:
        """End every fault: held requests go on, those in a black hole are cut, connections are taken again."""
        self._order(self._heal())

    def _harm(self, fault: Fault, method: str, path: str, times: int | None) -> Rule:
        rule = Rule(fault, method, path, times, loop=self._loop)
        self._rules = [rule, *self._rules]
        return rule

    def _pick(self, exchange: Exchange) -> Rule | None:
        return next((rule for rule in self._rules if rule.take(exchange)), None)

    def _order(self, work: Coroutine[Any, Any, _Value]) -> _Value:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_ORDER_LIMIT_S)

    def _admit(self, client: socket.socket) -> None:
        task = asyncio.create_task(self._serve(client))
        self._connections[task] = None
        task.add_done_callback(lambda ended: self._forget(ended, client))

    def _forget(self, task: asyncio.Task[None], client: socket.socket) -> None:
        del self._connections[task]
        client.close()  # also when it was cut before it had begun

    async def _serve(self, client: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=client)
        task = asyncio.current_task()
        if task in self._connections:
            self._connections[task] = connection = Connection(
                ClientWire(reader, writer), dial=self._dial, pick=self._pick, journal=self.journal, origin=self._origin
            )
            await connection.serve()

    async def _dial(self) -> Wire:
        reader, writer = await asyncio.open_connection(self._upstream.hostname, self._upstream.port or 80)
        return Wire(h11.CLIENT, reader, writer)

    async def _open(self) -> None:
        self._gate.open()

    async def _refuse(self) -> None:
        self._gate.close()
        await self._cut(lambda _connection: True)

    async def _cut_streams(self, path: str) -> int:
        return await self._cut(_under_way(path))

    async def _count(self, path: str) -> int:
        return sum(map(_under_way(path), self._connections.values()))

    async def _cut(self, is_meant: Callable[[Connection | None], bool]) -> int:
        meant = {task for task, connection in self._connections.items() if is_meant(connection)}
        for task in meant:
            task.cancel()
        await asyncio.gather(*meant, return_exceptions=True)
        return len(meant)

    async def _heal(self) -> None:
        rules, self._rules = self._rules, []
        for rule in rules:
            rule.gone.set()
        self._gate.open()


def _under_way(path: str) -> Callable[[Connection | None], bool]:
    def is_under_way(connection: Connection | None) -> bool:
        exchange = connection.current if connection is not None else None
        return exchange is not None and exchange.matches("*", path)

    return is_under_way

"""One client's connection: request after request, each passed on or harmed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

import h11

from portico.bff.testing.faults.journal import BODY_LIMIT, Exchange, Journal
from portico.bff.testing.faults.origin import Origin
from portico.bff.testing.faults.reply import Reply
from portico.bff.testing.faults.rules import Fault, Rule
from portico.bff.testing.faults.wire import Broken, ClientWire, Cut, Message, Wire, tunnel


class Connection:
    """Serves one client. `dial` opens a connection to the server; `pick` says which rule harms a request."""

    def __init__(
        self,
        client: ClientWire,
        *,
        dial: Callable[[], Awaitable[Wire]],
        pick: Callable[[Exchange], Rule | None],
        journal: Journal,
        origin: Origin | None,
    ) -> None:
        self.current: Exchange | None = None
        self._client = client
        self._server: Wire | None = None
        self._dial = dial
        self._pick = pick
        self._journal = journal
        self._origin = origin

    async def serve(self) -> None:
        """Until the client leaves, the server breaks, or a fault cuts."""
        try:
            while await self._exchange():
                self._client.http.start_next_cycle()
            self._client.close()
        except (Cut, asyncio.CancelledError, *Broken):
            self._client.abort()
        finally:
            if self._server is not None:
                self._server.abort()
                await self._server.closed()
            await self._client.closed()

    async def _exchange(self) -> bool:
        """One request and its answer; True when the connection can take another."""
        request = await self._client.next()
        if not isinstance(request, h11.Request):
            return False
        self.current = exchange = Exchange(
            method=request.method.decode(),
            target=request.target.decode("latin-1"),
            headers={name.decode(): value.decode("latin-1") for name, value in request.headers},
        )
        self._journal.add(exchange)
        rule = self._pick(exchange)
        if rule is not None:
            self._journal.note(exchange, fault=rule.fault.kind)
            await self._before_delivery(rule, exchange)
        if rule is not None and rule.fault.kind == "answered by another":
            await self._answer(rule.fault, exchange)
        else:
            server = await self._deliver(request, exchange)
            async with aclosing(self._events(server)) as heard:
                events = self._origin.of_page(heard) if self._origin is not None else heard
                await Reply(self._client, exchange, self._journal, rule).pass_on(events)
            if self._client.http.our_state is h11.SWITCHED_PROTOCOL:
                await tunnel(self._client, server)
                return False
        self.current = None
        return self._client.http.our_state is h11.DONE and self._client.http.their_state is h11.DONE

    async def _before_delivery(self, rule: Rule, exchange: Exchange) -> None:
        kind = rule.fault.kind
        if kind == "slow":
            rule.fire()
            await asyncio.sleep(rule.fault.latency_s)
        elif kind == "held before delivery":
            rule.fire()
            await self._client.unless_gone(rule.gone.wait())
        elif kind in {"cut before delivery", "black hole", "answered by another"}:
            async for _ in self._rest_of_request(exchange):
                pass
            rule.fire()
            if kind == "cut before delivery":
                await self._client.break_off(repeatable=rule.fault.repeatable)
            if kind == "black hole":
                await self._client.unless_gone(rule.gone.wait())
                raise Cut

    async def _answer(self, fault: Fault, exchange: Exchange) -> None:
        headers = [*fault.headers.items(), ("Content-Length", str(len(fault.body)))]
        await self._client.send(h11.Response(status_code=fault.status, headers=headers))
        if exchange.method != "HEAD":
            await self._client.send(h11.Data(data=fault.body))
        await self._client.send(h11.EndOfMessage())
        self._journal.note(exchange, answered=True)

    async def _deliver(self, request: h11.Request, exchange: Exchange) -> Wire:
        headers = list(request.headers.raw_items())
        if self._origin is not None:
            headers = self._origin.of_request(headers)
        # A connection for each request: the server may close a kept one in the moment that it is used again.
        if self._server is not None:
            self._server.abort()
        self._server = await self._dial()
        await self._server.send(h11.Request(method=request.method, target=request.target, headers=headers))
        async for event in self._rest_of_request(exchange):
            await self._server.send(event)
        self._journal.note(exchange, delivered=True)
        return self._server

    async def _events(self, server: Wire) -> AsyncGenerator[Message, None]:
        """The server's answer, event by event; Cut as soon as the client leaves."""
        while True:
            event = await self._client.unless_gone(server.next())
            if isinstance(event, h11.InformationalResponse):
                await self._client.send(event)
                if event.status_code == 101:
                    return
            elif isinstance(event, h11.Response):
                yield h11.Response(status_code=event.status_code, headers=event.headers.raw_items())
            elif isinstance(event, h11.Data):
                yield event
            elif isinstance(event, h11.EndOfMessage):
                yield event
                return
            else:
                raise Cut

    async def _rest_of_request(self, exchange: Exchange) -> AsyncGenerator[Message, None]:
        """What follows a request's head, to its end; the journal keeps the body."""
        event: object = None
        while not isinstance(event, h11.EndOfMessage):
            event = await self._client.next()
            if isinstance(event, h11.Data):
                self._journal.note(exchange, body=(exchange.body + bytes(event.data))[:BODY_LIMIT])
            if isinstance(event, h11.Data | h11.EndOfMessage):
                yield event

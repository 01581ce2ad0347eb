"""How an answer of the server reaches the client: whole, late, slowly, in part or never."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import h11

from portico.bff.testing.faults.journal import Exchange, Journal
from portico.bff.testing.faults.rules import Rule
from portico.bff.testing.faults.wire import ClientWire, Cut, Message

_CHUNK = 512


class Reply:
    """One answer on its way to the client, under the rule that was picked for the request, if any."""

    def __init__(self, client: ClientWire, exchange: Exchange, journal: Journal, rule: Rule | None) -> None:
        self._client = client
        self._exchange = exchange
        self._journal = journal
        self._rule = rule

    async def pass_on(self, events: AsyncIterator[Message]) -> None:
        """Follow the answer to its end, and say in the journal how far it came."""
        rule, kind = self._rule, self._rule.fault.kind if self._rule is not None else ""
        if rule is not None and kind in {"cut before reply", "held before reply"}:
            await self._withhold(events, rule)
        elif rule is not None and kind in {"cut in mid-body", "held in mid-body"}:
            await self._part(events, rule)
        else:
            async for event in events:
                self._note_status(event)
                if rule is not None and rule.fault.bytes_per_s and isinstance(event, h11.Data):
                    await self._trickle(bytes(event.data), rule.fault.bytes_per_s)
                else:
                    await self._client.send(event)
        self._journal.note(self._exchange, answered=self._exchange.status is not None)

    async def _withhold(self, events: AsyncIterator[Message], rule: Rule) -> None:
        """Hear the server out first; then cut, or hand everything over once the rule is gone."""
        withheld = [event async for event in events]
        for event in withheld:
            self._note_status(event)
        rule.fire()
        if rule.fault.kind == "cut before reply":
            await self._client.break_off(repeatable=rule.fault.repeatable)
        await self._client.unless_gone(rule.gone.wait())
        for event in withheld:
            await self._client.send(event)

    async def _part(self, events: AsyncIterator[Message], rule: Rule) -> None:
        """Only the first bytes of the body, and never all of them; then cut, or wait until the rule is gone."""
        room, stopped = rule.fault.after, False
        async for event in events:
            self._note_status(event)
            if isinstance(event, h11.Response):
                length = next((int(value) for name, value in event.headers if name == b"content-length"), None)
                room = room if length is None else min(room, max(0, length - 1))
                await self._client.send(event)
                continue
            data = bytes(event.data) if isinstance(event, h11.Data) else b""
            if not stopped and (len(data) > room or isinstance(event, h11.EndOfMessage)):
                stopped = True
                await self._send(data[:room])
                await self._stop(rule)
                data = data[room:]
            room -= len(data)
            await self._send(data)
            if isinstance(event, h11.EndOfMessage):
                await self._client.send(event)

    async def _stop(self, rule: Rule) -> None:
        rule.fire()
        if rule.fault.kind == "cut in mid-body":
            raise Cut
        await self._client.unless_gone(rule.gone.wait())

    async def _send(self, data: bytes) -> None:
        if data:
            await self._client.send(h11.Data(data=data))

    async def _trickle(self, data: bytes, bytes_per_s: int) -> None:
        for start in range(0, len(data), _CHUNK):
            await self._send(data[start : start + _CHUNK])
            await asyncio.sleep(_CHUNK / bytes_per_s)

    def _note_status(self, event: Message) -> None:
        if isinstance(event, h11.Response):
            self._journal.note(self._exchange, status=event.status_code)

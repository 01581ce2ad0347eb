"""One SSE client as a bare asyncio protocol, so that thousands of them cost the load generator little."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

_EVENT = re.compile(rb'id: \w+\.(\d+)\ndata: .*"n":(\d+)')
_HEAD = re.compile(rb'"type":"(?:hello|reset)","head":"([^"]*)"')


class Client(asyncio.Protocol):
    """Keeps the seq of each message in the order of arrival, and when each number (`n`) came."""

    def __init__(self, request: bytes, on_open: Callable[[], None], on_number: Callable[[int, float], None]) -> None:
        self._request = request
        self._on_open = on_open
        self._on_number = on_number
        self._buffer = b""
        self._text = b""
        self._in_body = False
        self.transport: asyncio.Transport | None = None
        self.seqs: list[int] = []
        self.head = b""
        self.status = 0
        self.failed = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._in_body:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            self.status = int(head[9:12])
            if self.status != 200:
                self.failed = f"status {self.status}: {rest.decode()}"
                self._on_open()
                return
            self._in_body, self._buffer = True, rest
        self._dechunk()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._in_body:
            self.failed = self.failed or f"lost: {exc}"
            self._on_open()

    def _dechunk(self) -> None:
        while True:
            size, found, rest = self._buffer.partition(b"\r\n")
            if not found:
                break
            length = int(size, 16)
            if len(rest) < length + 2:
                break
            self._text += rest[:length]
            self._buffer = rest[length + 2 :]
        *events, self._text = self._text.split(b"\n\n")
        now = time.monotonic()
        for event in events:
            if (message := _EVENT.match(event)) is not None:
                self.seqs.append(int(message[1]))
                self._on_number(int(message[2]), now)
            elif (control := _HEAD.search(event)) is not None:
                if not self.head:
                    self._on_open()
                self.head = control[1]

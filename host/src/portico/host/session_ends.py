"""Word of ended sessions to every replica, so that what hangs on a session ends with it, wherever it is open.

The rows are the truth, and whoever holds something open asks them now and then; this is only faster. So a message is
no command: whoever hears one asks the rows, too, and one that is lost or made up does no harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from secrets import token_hex

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from portico.cancellation import heed_cancellation
from portico.host.live.hub import HUB_ERRORS, FeedHub
from portico.host.live.pulse import Alive
from portico.sql import SqlError

SUBJECT = "portico.sessions.ended"
_TOGETHER = 100  # ids in one message
_WAITING = 10_000  # ids that wait for the hub; beyond that they are left to those who ask
_AGAIN_S = 1.0
_PATIENCE_S = 2.5
_ID = re.compile(r"[0-9a-f]{64}")  # what the cookie's secret is known by

_logger = logging.getLogger(__name__)


class _Message(msgspec.Struct, forbid_unknown_fields=True):
    """Who says it, and which sessions are over."""

    sender: str
    ids: list[str]


class SessionEnds:
    """Hears of sessions that end in this process or in another. `alive` tells which of some are still on."""

    def __init__(self, nats_url: str, *, alive: Alive) -> None:
        self._hub = FeedHub(nats_url, timeout=_PATIENCE_S, name="portico-sessions") if nats_url else None
        self._alive = alive
        self._me = token_hex(8)
        self._listeners: list[Callable[[str], None]] = []
        self._waiting: asyncio.Queue[str] = asyncio.Queue(_WAITING)
        self._task: asyncio.Task[None] | None = None
        self.hears = asyncio.Event()
        """Set once this process hears the others."""

    def listen(self, listener: Callable[[str], None]) -> None:
        """Have `listener` told the id of every session that is over, from now on."""
        self._listeners.append(listener)

    def tell(self, session_id: str) -> None:
        """This process ended a session: say so, here at once."""
        self._ended(session_id)
        if self._hub is not None:
            with contextlib.suppress(asyncio.QueueFull):
                self._waiting.put_nowait(session_id)

    def start(self) -> None:
        """Begin to hear the others; returns at once, wherever the hub is."""
        if self._hub is not None:
            self._task = asyncio.create_task(self._run(self._hub), name="ended sessions")

    async def stop(self) -> None:
        """Hear nothing any more, and leave the hub."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._hub is not None:
            await self._hub.close()

    async def _run(self, hub: FeedHub) -> None:
        client = await self._joined(hub)
        self.hears.set()
        while True:
            heed_cancellation()
            ids = [await self._waiting.get()]
            while len(ids) < _TOGETHER and not self._waiting.empty():
                ids.append(self._waiting.get_nowait())
            try:
                await client.publish(SUBJECT, msgspec.json.encode(_Message(self._me, ids)))
            except HUB_ERRORS as error:
                _logger.warning("Other replicas learn of %d ended sessions by asking only: %s", len(ids), error)

    async def _joined(self, hub: FeedHub) -> Client:
        """The connection, with the subscription that the client renews by itself after every outage."""
        while True:
            try:
                async with asyncio.timeout(_PATIENCE_S * 2):
                    client = await hub.connect()
                    await client.subscribe(SUBJECT, cb=self._heard)
                    # The first question may be sent before the subscription (nats-py writes it past what waits to be
                    # written); the answer to the second says that the hub has it.
                    await client.flush()
                    await client.flush()
            except HUB_ERRORS as error:
                _logger.debug("No word of ended sessions from other replicas: %s", error)
                await hub.close()
                await asyncio.sleep(_AGAIN_S)
            else:
                return client

    async def _heard(self, message: Msg) -> None:
        try:
            said = msgspec.json.decode(message.data, type=_Message)
        except msgspec.DecodeError:
            _logger.warning("A message on %s is none of ours", SUBJECT)
            return
        ids = [session_id for session_id in said.ids[:_TOGETHER] if _ID.fullmatch(session_id)]
        if said.sender == self._me or not ids:
            return
        try:
            alive = await self._alive(ids)
        except SqlError as error:
            _logger.warning("Whether %d sessions are over is not known now: %s", len(ids), error)
            return
        for session_id in ids:
            if session_id not in alive:
                self._ended(session_id)

    def _ended(self, session_id: str) -> None:
        for listener in self._listeners:
            listener(session_id)

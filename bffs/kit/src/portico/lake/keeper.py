"""The service that keeps the lake: reads the hub, seals, writes, tells how far it is; makes files few."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from anyio import to_thread
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from portico.cancellation import heed_cancellation
from portico.lake import watermark
from portico.lake.erasure import note_forgotten, purge
from portico.lake.errors import LakeContended, LakeUnavailable, NotAnEvent, NothingToKeep
from portico.lake.hub_reader import HubReader, identity, stream_info
from portico.lake.keys import KeyStore
from portico.lake.lake import Lake
from portico.lake.log import EPOCH
from portico.lake.row import HubMessage, Row, read, unreadable
from portico.lake.schemas import Schemas
from portico.lake.sealing import seal
from portico.sql import SqlError

_log = logging.getLogger("portico.lake")

_MOST: Final = 4096  # events in one commit
_CONNECT: Final = 5.0  # seconds
_SLOWEST: Final = 10.0  # seconds; the longest pause of the backoff


class Keeper:
    """Keeps every event of the hub at ``servers`` in the lake, each once. ``start`` and ``stop`` are idempotent.

    A commit holds what came within ``linger`` seconds. What was not committed when the process dies is read again:
    the lake itself remembers how far it is. ``tidy`` is the number of commits after which files are made few, what is
    no longer needed goes, and the hub forgets what is erased.
    """

    def __init__(
        self,
        lake: Lake,
        keys: KeyStore,
        schemas: Schemas,
        servers: str,
        *,
        linger: float = 1.0,
        tidy: int = 64,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._lake = lake
        self._keys = keys
        self._schemas = schemas
        self._servers = [one.strip() for one in servers.split(",") if one.strip()]
        self._linger = linger
        self._tidy = tidy
        self._jitter = jitter
        self._task: asyncio.Task[None] | None = None
        self._untold: set[str] = set()
        self._commits = 0
        self._reader: HubReader | None = None

    def start(self) -> None:
        """Begin to keep."""
        if self._task is None:
            self._task = asyncio.create_task(self.run(), name="portico-lake")

    async def stop(self) -> None:
        """End, in the middle of whatever it does: nothing is lost by it."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def run(self) -> None:
        """Keep until cancelled; wait, with growing pauses, while hub, storage or key store are away."""
        failures = 0
        while True:
            begun = self._commits
            try:
                async with self._client() as client:
                    await self._keep(client)
            except Exception as error:  # noqa: BLE001 (whatever it was, events must be kept again)
                failures = 1 if self._commits > begun else failures + 1
                expected = isinstance(error, (LakeUnavailable, LakeContended, SqlError))
                told = failures == 1 and not isinstance(error, NothingToKeep)
                level = logging.ERROR if not expected else logging.WARNING if told else logging.DEBUG
                _log.log(level, "the lake waits: %s", error, exc_info=not expected)
                heed_cancellation()
                await asyncio.sleep(min(_SLOWEST, 0.05 * 2 ** min(failures, 10)) * (0.5 + self._jitter() / 2))

    async def _keep(self, client: Client) -> None:
        js = client.jetstream(timeout=_CONNECT)
        info = await stream_info(js)
        stream = identity(info)
        await to_thread.run_sync(self._lake.refresh)
        position = self._lake.begin(stream)
        epoch = position // EPOCH * EPOCH
        if info.state.first_seq > position - epoch + 1 > 1:
            _log.error("the hub has no messages from %d to %d any more", position - epoch + 1, info.state.first_seq - 1)
        await watermark.tell(js, watermark.Watermark(stream, position - epoch))
        async with HubReader.reading(client, info, position - epoch) as reader:
            self._reader = reader
            while True:
                heed_cancellation()
                messages = await reader.read(_MOST, self._linger)
                position = epoch + messages[-1].sequence
                await self._commit(messages, epoch, position, stream)
                await watermark.tell(js, watermark.Watermark(stream, position - epoch))
                if self._commits % self._tidy == 0:
                    await self._tidy_up(js)

    async def _commit(self, messages: Sequence[HubMessage], epoch: int, position: int, stream: str) -> None:
        rows = await to_thread.run_sync(lambda: [self._row(one, epoch + one.sequence) for one in messages])
        sealed = await seal(rows, self._schemas, self._keys)
        # Not to be abandoned half-way by a cancellation: the thread would go on beside the next reader.
        await asyncio.shield(to_thread.run_sync(self._lake.append, sealed, position, stream))
        await note_forgotten(sealed, self._keys)
        self._commits += 1

    def _row(self, message: HubMessage, position: int) -> Row:
        try:
            row = read(message, position)
        except NotAnEvent as error:
            _log.error("message %d on %s is no event: %s", message.sequence, message.subject, error)
            return unreadable(message, position, error)
        if row.schema not in self._schemas and row.schema not in self._untold:
            self._untold.add(row.schema)
            _log.warning("no schema says what is personal in %s: all its data is sealed", row.schema or row.type)
        return row

    async def _tidy_up(self, js: JetStreamContext) -> None:
        await to_thread.run_sync(self._lake.compact)
        await to_thread.run_sync(self._lake.vacuum)
        await purge(js, self._lake, self._keys)

    @contextlib.asynccontextmanager
    async def _client(self) -> AsyncIterator[Client]:
        client = Client()
        try:
            try:
                async with asyncio.timeout(_CONNECT):
                    await client.connect(self._servers, name="portico-lake", allow_reconnect=False, error_cb=_noted,
                                         disconnected_cb=self._lost)  # fmt: skip
            except (NatsError, OSError, TimeoutError) as error:
                raise LakeUnavailable(f"no hub: {type(error).__name__} {error}".strip()) from error
            yield client
        finally:
            self._reader = None
            with contextlib.suppress(NatsError, OSError):
                await client.close()

    async def _lost(self) -> None:
        if self._reader is not None:
            self._reader.lose()


async def _noted(error: Exception) -> None:
    _log.debug("nats: %s", error)

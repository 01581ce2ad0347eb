"""Stored messages of one feed after a place, read in batches without a consumer (Direct Get, ADR-31)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg

from portico.host.live.frame import Stored, read_message
from portico.host.live.hub import FeedHub
from portico.host.live.limits import MIB

BATCH = 256
_AT_ONCE = 32  # reads under way; the hub and our own memory have other things to do


class ReadFailed(Exception):
    """The hub did not answer, or not whole."""


class StoredFeeds:
    """Reads feeds straight from the hub's store. All answers come to one inbox, told apart by its last word."""

    def __init__(self, hub: FeedHub) -> None:
        self._hub = hub
        self._client: Client | None = None
        self._inbox = ""
        self._numbers = count(1)
        self._answers: dict[str, asyncio.Queue[Msg]] = {}
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._opening = asyncio.Lock()

    async def after(self, stream: str, epoch: str, subject: str, seq: int, upto: int) -> AsyncIterator[Stored]:
        """The messages of `subject` after `seq` and up to `upto`, in order; raises ReadFailed or a `HUB_ERRORS`."""
        client = await self._open()
        while seq < upto:
            async with self._slots:
                batch = await self._batch(client, stream, subject, seq + 1)
            for message in batch:
                headers = message.headers or {}
                seq = int(headers["Nats-Sequence"])
                if seq > upto:
                    return
                written = read_message(message.data)
                if written is not None:
                    yield Stored(epoch, seq, subject, written)
            if len(batch) == 0 or int((batch[-1].headers or {})["Nats-Num-Pending"]) == 0:
                return

    async def _batch(self, client: Client, stream: str, subject: str, seq: int) -> list[Msg]:
        request = msgspec.json.encode({"seq": seq, "next_by_subj": subject, "batch": BATCH, "max_bytes": MIB})
        batch: list[Msg] = []
        previous = None
        async with self._answers_to() as (reply, answers):
            await client.publish(f"$JS.API.DIRECT.GET.{stream}", request, reply)
            while True:
                message = await answers.get()
                headers = message.headers or {}
                status = headers.get("Status")
                if status in {"204", "404"}:  # the end of a batch; nothing at all
                    return batch
                if status is not None:
                    raise ReadFailed(f"the hub refuses to read: {status} {headers.get('Description', '')}")
                told = int(headers.get("Nats-Last-Sequence", 0))
                if previous is not None and told != previous:
                    raise ReadFailed("an answer of the hub was lost")
                previous = int(headers["Nats-Sequence"])
                batch.append(message)

    @asynccontextmanager
    async def _answers_to(self) -> AsyncIterator[tuple[str, asyncio.Queue[Msg]]]:
        token = str(next(self._numbers))
        answers = self._answers[token] = asyncio.Queue()
        try:
            yield f"{self._inbox}.{token}", answers
        finally:
            del self._answers[token]

    async def _open(self) -> Client:
        client = self._hub.client
        if client is None:
            raise ReadFailed("the hub is away")
        async with self._opening:
            if client is not self._client:
                self._inbox = client.new_inbox()
                await client.subscribe(f"{self._inbox}.*", cb=self._take)
                self._client = client
        return client

    async def _take(self, message: Msg) -> None:
        answers = self._answers.get(message.subject.rpartition(".")[2])
        if answers is not None:
            answers.put_nowait(message)

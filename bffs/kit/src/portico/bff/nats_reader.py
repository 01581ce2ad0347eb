"""Reads the stream of JetStream in its own order, from a place that the reader knows (ADR-17 of NATS)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final, Self

import msgspec
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from portico.bff.deliveries import Arrival, Consumer, Position, Reader
from portico.bff.errors import HubUnavailable
from portico.bff.nats_errors import NATS_ERRORS, as_hub_unavailable
from portico.bff.nats_stream import EventStream, find_stream
from portico.cancellation import heed_cancellation

_EXPIRES: Final = 30.0  # seconds after which a request ends
_HEARTBEAT: Final = 5.0  # seconds of silence after which the hub says that it is there
_SILENCE: Final = 2.5 * _HEARTBEAT
_FORGOTTEN: Final = 300.0  # seconds without a request after which the hub forgets the reader
_NANOSECONDS: Final = 1_000_000_000


class NatsReader(Reader):
    """Made by ``open``; of no more use once ``next`` raised. The hub keeps nothing of it: its place is the caller's."""

    def __init__(self, client: Client, js: JetStreamContext, stream: EventStream, name: str) -> None:
        self._client = client
        self._js = js
        self._stream = stream
        self._name = name
        self._inbox = client.new_inbox()
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._subscription: Subscription | None = None
        self._asked = 0  # messages that may still come of the last request
        self._taken = 0
        self._pending = 0

    @classmethod
    async def open(cls, client: Client, js: JetStreamContext, name: str, consumer: Consumer, after: Position) -> Self:
        """Begin behind ``after``, or at the first message of the stream. Raises what nats-py raises.

        A place behind the last message is of messages that the hub has lost: others get their numbers.
        """
        stream = await find_stream(js, name)
        known = after.stream == stream.made and 0 < after.seq <= stream.last
        info = await js.add_consumer(
            stream.name,
            ConsumerConfig(
                description=consumer.name,
                filter_subjects=list(consumer.subjects),
                deliver_policy=DeliverPolicy.BY_START_SEQUENCE if known else DeliverPolicy.ALL,
                opt_start_seq=after.seq + 1 if known else None,
                ack_policy=AckPolicy.NONE,
                inactive_threshold=_FORGOTTEN,
                mem_storage=True,
                num_replicas=1,
            ),
        )
        reader = cls(client, js, stream, info.name)
        reader._pending = info.num_pending or 0
        reader._subscription = await client.subscribe(reader._inbox, cb=reader._arrived.put)
        return reader

    @property
    def pending(self) -> int:
        """See ``Reader.pending``."""
        return self._pending

    def lose(self) -> None:
        """The connection is gone: whoever waits is told."""
        self._arrived.put_nowait(None)

    async def next(self, most: int) -> Sequence[Arrival]:
        """See ``Reader.next``."""
        found: list[Arrival] = []
        with as_hub_unavailable("not received"):
            while len(found) < most:
                if not self._asked:
                    await self._ask(most)
                if found and self._arrived.empty():
                    break
                if (message := await self._one()) is not None:
                    found.append(self._read(message))
        return found

    async def close(self) -> None:
        """See ``Reader.close``."""
        with contextlib.suppress(*NATS_ERRORS):
            if self._subscription is not None:
                await self._subscription.unsubscribe()
            if self._client.is_connected:
                await self._js.delete_consumer(self._stream.name, self._name)

    async def _one(self) -> Msg | None:
        """Wait for a message; None when the hub had something else to say."""
        try:
            message = self._arrived.get_nowait()
        except asyncio.QueueEmpty:
            message = await self._wait()
        if message is None:
            raise HubUnavailable("the connection was lost")
        headers = message.headers or {}
        if (status := headers.get("Status")) is None:
            self._asked -= 1
            return message
        self._hear(status, headers.get("Description", ""))
        return None

    async def _wait(self) -> Msg | None:
        heed_cancellation()
        try:
            async with asyncio.timeout(_SILENCE):
                return await self._arrived.get()
        except TimeoutError:
            raise HubUnavailable("the hub is silent") from None

    def _read(self, message: Msg) -> Arrival:
        # $JS.ACK.<stream>.<consumer>.<delivered>.<place>.<number>.<time>.<pending>, or with domain and account in front
        parts = message.reply.split(".")
        place, number, _, pending = parts[5:9] if len(parts) == 9 else parts[7:11]
        self._taken += 1
        if int(number) != self._taken:
            raise HubUnavailable("a message was lost on the way")
        id_ = (message.headers or {}).get("Nats-Msg-Id", "")
        return Arrival(Position(self._stream.made, int(place)), message.subject, id_, message.data, int(pending))

    async def _ask(self, most: int) -> None:
        self._asked = most
        request = {
            "batch": most,
            "expires": int(_EXPIRES * _NANOSECONDS),
            "idle_heartbeat": int(_HEARTBEAT * _NANOSECONDS),
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream.name}.{self._name}"
        await self._client.publish(subject, msgspec.json.encode(request), reply=self._inbox)

    def _hear(self, status: str, description: str) -> None:
        """What the hub says instead of a message (ADR-37 of NATS)."""
        if status == "100":
            return
        if status in {"404", "408"}:
            self._asked = 0
            return
        raise HubUnavailable(f"the reader ends: {status} {description}".strip())

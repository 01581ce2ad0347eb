"""A durable pull consumer of JetStream, read one message at a time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final, Self

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from portico.bff.cancellation import heed_cancellation
from portico.bff.deliveries import Consumer, Delivery
from portico.bff.errors import HubUnavailable

_BATCH: Final = 256  # messages per request: the next one comes as soon as the last is settled, without asking again
_EXPIRES: Final = 30.0  # seconds after which a request ends: so long may the hub still hand messages to a dead reader
_HEARTBEAT: Final = 5.0  # seconds of silence after which the hub says that it is there
_SILENCE: Final = 2.5 * _HEARTBEAT
_FORGOTTEN: Final = 30 * 24 * 3600.0  # seconds without a reader after which the hub forgets a consumer


class NatsDelivery(Delivery):
    """A message of JetStream. What is lost on the way back only means that it comes again."""

    def __init__(self, message: Msg) -> None:
        self._message = message

    @property
    def id(self) -> str:
        """See ``Delivery.id``."""
        return (self._message.headers or {}).get("Nats-Msg-Id", "")

    @property
    def subject(self) -> str:
        """See ``Delivery.subject``."""
        return self._message.subject

    @property
    def body(self) -> bytes:
        """See ``Delivery.body``."""
        return self._message.data

    async def settle(self) -> None:
        """See ``Delivery.settle``."""
        with contextlib.suppress(nats.errors.Error, OSError):
            await self._message.ack()

    async def release(self) -> None:
        """See ``Delivery.release``."""
        with contextlib.suppress(nats.errors.Error, OSError):
            await self._message.nak()

    async def keep(self) -> None:
        """See ``Delivery.keep``."""
        with contextlib.suppress(nats.errors.Error, OSError):
            await self._message.in_progress()


class PullConsumer:
    """Reads one consumer over one connection. Made by ``open``; of no more use once ``next`` raised.

    At most one message is out at a time (``max_ack_pending`` 1), whoever reads: that is what keeps the order, also
    between processes and after a crash.
    """

    def __init__(self, client: Client, stream: str, consumer: Consumer) -> None:
        self._client = client
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer.name}"
        self._inbox = client.new_inbox()
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._subscription: Subscription | None = None
        self._asked = 0  # messages that may still come of the last request

    @classmethod
    async def open(cls, client: Client, js: JetStreamContext, stream: str, consumer: Consumer) -> Self:
        """Make the consumer unless it is there, and be ready for its messages. Raises what nats-py raises."""
        await js.add_consumer(
            stream,
            ConsumerConfig(
                durable_name=consumer.name,
                filter_subjects=list(consumer.subjects),
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=consumer.ack_wait,
                max_ack_pending=1,
                inactive_threshold=_FORGOTTEN,
            ),
        )
        reader = cls(client, stream, consumer)
        reader._subscription = await client.subscribe(reader._inbox, cb=reader._arrived.put)
        return reader

    def lose(self) -> None:
        """The connection is gone: whoever waits is told."""
        self._arrived.put_nowait(None)

    async def close(self) -> None:
        """Read no more."""
        if self._subscription is not None:
            with contextlib.suppress(nats.errors.Error, OSError):
                await self._subscription.unsubscribe()

    async def next(self) -> Delivery:
        """Wait for the next message. Raises ``HubUnavailable`` when the hub says, or by its silence shows, that none
        will come; and what nats-py raises."""
        while True:
            if not self._asked:
                await self._ask()
            heed_cancellation()
            try:
                async with asyncio.timeout(_SILENCE):
                    message = await self._arrived.get()
            except TimeoutError:
                raise HubUnavailable("the hub is silent") from None
            if message is None:
                raise HubUnavailable("the connection was lost")
            status = (message.headers or {}).get("Status")
            if status is None:
                self._asked -= 1
                return NatsDelivery(message)
            self._hear(status, (message.headers or {}).get("Description", ""))

    async def _ask(self) -> None:
        self._asked = _BATCH
        nanoseconds = 1_000_000_000
        request = {
            "batch": _BATCH,
            "expires": int(_EXPIRES * nanoseconds),
            "idle_heartbeat": int(_HEARTBEAT * nanoseconds),
        }
        await self._client.publish(self._subject, msgspec.json.encode(request), reply=self._inbox)

    def _hear(self, status: str, description: str) -> None:
        """What the hub says instead of a message (ADR-37 of NATS)."""
        if status == "100":
            return
        if status in {"404", "408"}:
            self._asked = 0
            return
        raise HubUnavailable(f"the consumer ends: {status} {description}".strip())

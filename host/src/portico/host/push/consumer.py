"""From the feeds to the push services: one durable consumer on the hub, shared by all replicas."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import logging
import random
from collections.abc import Callable

import msgspec
import nats.errors
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from portico.cancellation import heed_cancellation
from portico.feed import FeedMessage, ensure_stream
from portico.host.clock import Clock
from portico.host.live.hub import HUB_ERRORS, FeedHub
from portico.host.push.sender import TTL_S, Notice, Outcome, PushSender
from portico.host.push.store import Subscriptions
from portico.sql import SqlError

DURABLE = "portico-push"
_FILTER = "feed.person.>"
_ACK_WAIT_S = 120.0  # longer than all attempts to send one notice
_BATCH = 32
_AT_ONCE = 256  # notices under way: those that wait for a slow push service keep no other back
_FETCH_S = 5.0
_AGAIN_S = 5.0
_SLOWEST_S = 5.0

_logger = logging.getLogger(__name__)


class PushConsumer:
    """Sends the notices of people who subscribed. A replica that dies in the middle leaves the notice to another."""

    def __init__(
        self,
        hub: FeedHub,
        subscriptions: Subscriptions,
        sender: PushSender,
        *,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._hub = hub
        self._subscriptions = subscriptions
        self._sender = sender
        self._clock = clock
        self._jitter = jitter

    async def run(self) -> None:
        """Follow, whatever happens to the hub."""
        failures = 0
        while True:
            heed_cancellation()
            try:
                await self._follow()
            except HUB_ERRORS as error:
                failures += 1
                _logger.log(logging.WARNING if failures == 1 else logging.DEBUG, "Notices wait: %r", error)
            except Exception:
                failures += 1
                _logger.exception("Notices wait")
            await asyncio.sleep(min(_SLOWEST_S, 0.1 * 2 ** min(failures, 8)) * (0.5 + self._jitter() / 2))

    async def _follow(self) -> None:
        jetstream = self._hub.jetstream(await self._hub.connect())
        stream = await ensure_stream(jetstream)
        await _ensure_consumer(jetstream, stream)
        subscription = await jetstream.pull_subscribe_bind(DURABLE, stream)
        under_way: set[asyncio.Task[None]] = set()
        try:
            while True:
                heed_cancellation()
                if len(under_way) >= _AT_ONCE:
                    await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                try:
                    messages = await subscription.fetch(min(_BATCH, _AT_ONCE - len(under_way)), timeout=_FETCH_S)
                except (nats.errors.TimeoutError, TimeoutError):
                    if self._hub.client is None:
                        raise
                    await jetstream.consumer_info(stream, DURABLE)  # raises when it is gone
                    continue
                for message in messages:
                    task = asyncio.create_task(self._handle(message), name="push notice")
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
        finally:
            for task in under_way:
                task.cancel()
            await subscription.unsubscribe()

    async def _handle(self, message: Msg) -> None:
        """Send one message's notice to each of its person's browsers, then acknowledge it. Never raises."""
        try:
            if await self._is_dealt_with(message):
                await message.ack()
            else:
                await message.nak(delay=_AGAIN_S)
        except HUB_ERRORS as error:
            _logger.debug("A notice comes again: %r", error)

    async def _is_dealt_with(self, message: Msg) -> bool:
        try:
            notice = _notice(message.data, self._clock())
            if notice is not None:
                await self._send(message, notice)
        except SqlError as error:
            _logger.warning("A notice waits: %s", error)
            return False
        except Exception:
            _logger.exception("A notice cannot be sent, and is left out")  # it would fail again, in everybody's way
        return True

    async def _send(self, message: Msg, notice: Notice) -> None:
        subscriptions = await self._subscriptions.of_feed(message.subject)
        # The same for a repetition, so that a push service that still has the notice replaces it by itself.
        told = f"{message.metadata.stream}:{message.metadata.sequence.stream}".encode()
        topic = base64.urlsafe_b64encode(hashlib.sha256(told).digest()[:24]).decode()
        outcomes = await asyncio.gather(
            *(self._sender.send(subscription, notice, topic=topic) for subscription in subscriptions)
        )
        for subscription, outcome in zip(subscriptions, outcomes, strict=True):
            if outcome is Outcome.GONE:
                await self._subscriptions.forget(subscription.id)


def _notice(body: bytes, now: float) -> Notice | None:
    """The notice in a message that is one, and not too old to be news."""
    try:
        message = msgspec.json.decode(body, type=FeedMessage)
        if message.type != "notice" or message.ts / 1000 < now - TTL_S:
            return None
        return msgspec.json.decode(message.data, type=Notice)
    except (msgspec.DecodeError, RecursionError):
        return None


async def _ensure_consumer(jetstream: JetStreamContext, stream: str) -> None:
    """Make the shared consumer where it is not there; an operator's settings are left alone."""
    with contextlib.suppress(NotFoundError):
        await jetstream.consumer_info(stream, DURABLE)
        return
    config = ConsumerConfig(
        durable_name=DURABLE,
        filter_subject=_FILTER,
        deliver_policy=DeliverPolicy.NEW,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=_ACK_WAIT_S,
        max_deliver=5,
        max_ack_pending=1000,
    )
    await jetstream.add_consumer(stream, config=config)

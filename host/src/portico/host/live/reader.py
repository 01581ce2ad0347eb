"""Every message of every feed, once and in order, from one consumer for this whole process.

An ordered consumer as JetStream's clients define it (ADR-17): nothing is acknowledged; the consumer's own sequence
shows a gap, and then, or when it falls silent, another consumer goes on after the last message. So an outage of the hub
delays messages and loses none. Unlike the client library's, this one notices that the stream itself was made anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import random
from collections.abc import Callable
from typing import NamedTuple, Protocol

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamInfo

from portico.cancellation import heed_cancellation
from portico.feed import ensure_stream
from portico.host.live.frame import Stored, read_message
from portico.host.live.hub import HUB_ERRORS, FeedHub

_HEARTBEAT_S = 1.0
_SLOWEST_S = 2.0
_TURN = 64  # messages between two turns for everybody else

_logger = logging.getLogger(__name__)


class Audience(Protocol):
    """Who wants the messages."""

    def deliver(self, stored: Stored) -> None:
        """The next message of the stream."""

    def begin(self, position: int) -> None:
        """A stream begins (or one that was made anew): messages after `position` follow."""


class _Lost(Exception):
    """The consumer skipped something, fell silent, or is gone."""


class FeedReader:
    """Follows the stream of feeds until it is stopped. `position` is the seq up to which all has been delivered.

    At the start, `prefill` messages from before are delivered too, so that who comes back after a restart of this
    process is answered from memory.
    """

    def __init__(
        self, hub: FeedHub, audience: Audience, *, prefill: int, jitter: Callable[[], float] = random.random
    ) -> None:
        self._hub = hub
        self._prefill = prefill
        self._audience = audience
        self._jitter = jitter
        self.epoch = ""
        self.position = 0
        self.oldest = 0
        self.stream = ""
        self.ready = asyncio.Event()
        """Set once everything from before the start has been delivered."""

    async def run(self) -> None:
        """Follow, whatever happens to the hub."""
        failures = 0
        while True:
            heed_cancellation()
            before = self.position
            try:
                await self._follow()
            except (*HUB_ERRORS, _Lost) as error:
                failures = 1 if self.position != before else failures + 1
                level = logging.WARNING if failures == 1 and self.ready.is_set() else logging.DEBUG
                _logger.log(level, "The feeds pause: %s %s", type(error).__name__, error)
            except Exception:
                failures += 1
                _logger.exception("The feeds pause")
            await asyncio.sleep(min(_SLOWEST_S, 0.05 * 2 ** min(failures, 6)) * (0.5 + self._jitter() / 2))

    async def _follow(self) -> None:
        """Read from after the last message until the consumer is lost; never returns."""
        self._hub.lost.clear()
        client = await self._hub.connect()
        jetstream = self._hub.jetstream(client)
        self.stream = await ensure_stream(jetstream)
        info = await jetstream.stream_info(self.stream)
        self._look_at(info)
        inbox = client.new_inbox()
        consumer = _Consumer(client, self)
        subscription = await client.subscribe(inbox, cb=consumer.take)
        name = None
        try:
            created = await jetstream.add_consumer(self.stream, config=_config(inbox, self.position + 1))
            name = created.name
            if not created.num_pending and not (created.delivered and created.delivered.consumer_seq):
                self.position = max(self.position, info.state.last_seq)
                self.ready.set()
            await self._watch(consumer)
        finally:
            with contextlib.suppress(*HUB_ERRORS):
                await subscription.unsubscribe()
                if name is not None and client.is_connected:
                    await jetstream.delete_consumer(self.stream, name)

    def _look_at(self, info: StreamInfo) -> None:
        """Begin anew when this is not the stream that was read before."""
        self.oldest = info.state.first_seq
        epoch = epoch_of(info)
        # A stream that is shorter than what was read was put back from a copy: its numbers mean other messages now.
        if epoch != self.epoch or info.state.last_seq < self.position:
            self.ready.clear()
            self.epoch = epoch
            self.position = max(info.state.first_seq - 1, info.state.last_seq - self._prefill, 0)
            self._audience.begin(self.position)

    async def _watch(self, consumer: _Consumer) -> None:
        """Return only by raising: the consumer is lost, or silent for more than two heartbeats."""
        lost = [asyncio.create_task(event.wait()) for event in (consumer.lost, self._hub.lost)]
        try:
            missed = 0
            while True:
                heed_cancellation()
                heard = consumer.heard
                done, _ = await asyncio.wait(lost, timeout=_HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED)
                missed = missed + 1 if consumer.heard == heard else 0
                if done or missed > 2:
                    raise _Lost("the consumer is lost" if done else "the consumer is silent")
        finally:
            for task in lost:
                task.cancel()

    def take(self, seq: int, subject: str, body: bytes, *, pending: int) -> None:
        """The next message of the stream; `pending` are still to come of those that are there."""
        written = read_message(body)
        if written is None:
            _logger.warning("Message %d of the feeds, on %s, is none that can be read; it is left out", seq, subject)
        else:
            self._audience.deliver(Stored(self.epoch, seq, subject, written))
        self.position = seq
        if not pending:
            self.ready.set()


class _Consumer:
    """One consumer on the hub, from its making to its loss."""

    def __init__(self, client: Client, reader: FeedReader) -> None:
        self._client = client
        self._reader = reader
        self._delivered = 0
        self.heard = 0
        self.lost = asyncio.Event()

    async def take(self, message: Msg) -> None:
        """Whatever the hub sends to the consumer's inbox."""
        if self.lost.is_set():
            return
        self.heard += 1
        place = _place(message.reply)
        if place is None:
            await self._control(message)
            return
        if place.delivered != self._delivered + 1:
            self.lost.set()
            return
        self._delivered = place.delivered
        self._reader.take(place.seq, message.subject, message.data, pending=place.pending)
        if self.heard % _TURN == 0:
            await asyncio.sleep(0)

    async def _control(self, message: Msg) -> None:
        """A heartbeat tells how far the consumer is; a flow control request wants an answer once we are as far."""
        headers = message.headers or {}
        told = headers.get("Nats-Last-Consumer")
        if headers.get("Status") != "100" or (told is not None and int(told) != self._delivered):
            self.lost.set()  # it was deleted, or something on its way to us was
            return
        reply = message.reply or headers.get("Nats-Consumer-Stalled")
        if reply:
            await self._client.publish(reply)


class _Place(NamedTuple):
    seq: int
    delivered: int
    pending: int


def _place(reply: str) -> _Place | None:
    """Where a message stands, from its reply subject: `$JS.ACK.[<domain>.<account>.]<stream>.<consumer>.<counts>`."""
    words = reply.split(".")
    if len(words) < 9 or words[:2] != ["$JS", "ACK"]:
        return None
    counts = words[4:] if len(words) == 9 else words[6:]
    return _Place(seq=int(counts[1]), delivered=int(counts[2]), pending=int(counts[4]))


def _config(inbox: str, start: int) -> ConsumerConfig:
    return ConsumerConfig(
        deliver_subject=inbox,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=start,
        ack_policy=AckPolicy.NONE,
        max_deliver=1,
        flow_control=True,
        idle_heartbeat=_HEARTBEAT_S,
        mem_storage=True,
        num_replicas=1,
    )


def epoch_of(info: StreamInfo) -> str:
    """Eight hexadecimal digits for the time at which the stream was made."""
    return hashlib.sha256(str(info.created).encode()).hexdigest()[:8]

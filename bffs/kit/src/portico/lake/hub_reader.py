"""Reads the hub's stream from a place in it, in order and without gaps. The lake's own log says where, so nothing is
acknowledged and no crash loses or repeats a message unnoticed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Final

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, StreamInfo
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError

from portico.lake.errors import LakeUnavailable, NothingToKeep
from portico.lake.row import HubMessage

SUBJECTS: Final = "evt.>"
_EXPIRES: Final = 20.0  # seconds; so long one request waits at the hub
_HEARTBEAT: Final = 5.0
_SILENCE: Final = 2.5 * _HEARTBEAT
_NANOSECONDS: Final = 1_000_000_000
_REPLY: Final = 9  # parts of "$JS.ACK.<stream>.<consumer>.<tries>.<sequence>.<place>.<time>.<pending>"


class HubReader:
    """Hands out a stream's messages after ``sequence``. Made by ``reading``; of no more use once ``read`` raised."""

    def __init__(self, client: Client, subject: str) -> None:
        self._client = client
        self._subject = subject
        self._inbox = client.new_inbox()
        self._arrived: asyncio.Queue[Msg | None] = asyncio.Queue()
        self._asked = 0
        self._seen = 0  # messages that came; the hub counts them as well, so a lost one shows

    @classmethod
    @contextlib.asynccontextmanager
    async def reading(cls, client: Client, info: StreamInfo, sequence: int) -> AsyncIterator[HubReader]:
        """Read the stream that ``info`` describes. Raises ``LakeUnavailable`` when the hub does not answer."""
        stream = name_of(info)
        js = client.jetstream()
        with _meaning():
            consumer = await js.add_consumer(
                stream,
                ConsumerConfig(
                    filter_subject=SUBJECTS,
                    deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                    opt_start_seq=sequence + 1,
                    ack_policy=AckPolicy.NONE,
                    mem_storage=True,
                    inactive_threshold=60.0,
                ),
            )
            reader = cls(client, f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer.name}")
            subscription = await client.subscribe(reader._inbox, cb=reader._arrived.put)
        try:
            yield reader
        finally:
            with contextlib.suppress(nats.errors.Error, JetStreamError, OSError, TimeoutError):
                await subscription.unsubscribe()
                await js.delete_consumer(stream, consumer.name)

    def lose(self) -> None:
        """The connection is gone: whoever waits is told."""
        self._arrived.put_nowait(None)

    async def read(self, most: int, linger: float) -> list[HubMessage]:
        """Wait for a message, and for those that come within ``linger`` seconds after it, up to ``most`` of them.

        Raises ``LakeUnavailable`` when one was lost on the way, or the hub is silent.
        """
        found = [await self._next(most)]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(linger):
                while len(found) < most:
                    found.append(await self._next(most))
        return found

    async def _next(self, most: int) -> HubMessage:
        while True:
            if self._asked == 0:
                await self._ask(most)
            try:
                message = self._arrived.get_nowait()
            except asyncio.QueueEmpty:
                message = await self._heard()
            if message is None:
                raise LakeUnavailable("the connection was lost")
            status = message.headers.get("Status") if message.headers else None
            if status in {"404", "408"}:
                self._asked = 0
            elif status is not None and status != "100":
                raise LakeUnavailable(f"the hub ends the reading: {status}")
            elif status is None:
                self._asked -= 1
                return self._counted(message)

    async def _heard(self) -> Msg | None:
        try:
            async with asyncio.timeout(_SILENCE):
                return await self._arrived.get()
        except TimeoutError:
            raise LakeUnavailable("the hub is silent") from None

    def _counted(self, message: Msg) -> HubMessage:
        parts = message.reply.split(".")
        at = 0 if len(parts) == _REPLY else 2  # newer servers name domain and account as well
        sequence, place, time = (int(part) for part in parts[at + 5 : at + 8])
        self._seen += 1
        if place != self._seen:
            raise LakeUnavailable(f"message {self._seen} of the reading was lost on the way")
        return HubMessage(sequence, message.subject, message.data, time // 1_000_000)

    async def _ask(self, most: int) -> None:
        self._asked = most
        request = {
            "batch": most,
            "expires": int(_EXPIRES * _NANOSECONDS),
            "idle_heartbeat": int(_HEARTBEAT * _NANOSECONDS),
        }
        with _meaning():
            await self._client.publish(self._subject, msgspec.json.encode(request), reply=self._inbox)


async def stream_info(js: JetStreamContext) -> StreamInfo:
    """Describe the stream that holds the events. Raises ``LakeUnavailable``, ``NothingToKeep`` while there is none."""
    with _meaning():
        try:
            return await js.stream_info(await js.find_stream_name_by_subject(SUBJECTS))
        except NotFoundError as error:
            raise NothingToKeep("the hub has no stream for events yet") from error


def name_of(info: StreamInfo) -> str:
    """The stream's name."""
    return info.config.name or ""


def identity(info: StreamInfo) -> str:
    """What tells a stream from one of the same name that was made anew: its name and birth."""
    return f"{name_of(info)}@{info.created.isoformat() if info.created else ''}"


@contextlib.contextmanager
def _meaning() -> Iterator[None]:
    try:
        yield
    except (nats.errors.Error, JetStreamError, OSError, TimeoutError) as error:
        raise LakeUnavailable(f"the hub does not answer: {type(error).__name__} {error}".strip()) from error

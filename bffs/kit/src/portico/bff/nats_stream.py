"""The stream of JetStream that holds the events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import APIError, NotFoundError

from portico.lake.hub_reader import identity, name_of

STREAM: Final = "EVENTS"
SUBJECTS: Final = "evt.>"
_DUPLICATES: Final = 120.0  # seconds in which the hub itself drops a repeated id; beyond, consumers do


@dataclass(frozen=True, slots=True)
class EventStream:
    """What is known of the stream: its name, which one of that name it is, and whether it takes atomic batches.

    ``last`` is the place of its last message.
    """

    name: str
    made: str = ""
    batches: bool = False
    last: int = 0

    @classmethod
    def of(cls, info: StreamInfo) -> Self:
        """What the hub says of the stream."""
        return cls(name_of(info), identity(info), bool(info.config.allow_atomic), info.state.last_seq)


async def ensure_stream(js: JetStreamContext) -> EventStream:
    """Make the stream unless one takes ``evt.>`` already. What an operator made is left as it is.

    Raises what nats-py raises.
    """
    try:
        name = await js.find_stream_name_by_subject(SUBJECTS)
    except NotFoundError:
        name = await _make(js)
    return await find_stream(js, name)


async def find_stream(js: JetStreamContext, name: str) -> EventStream:
    """Look at the stream as it is now; one that was made anew is another one. Raises what nats-py raises."""
    return EventStream.of(await js.stream_info(name))


async def _make(js: JetStreamContext) -> str:
    config = StreamConfig(
        name=STREAM,
        subjects=[SUBJECTS],
        storage=StorageType.FILE,
        discard=DiscardPolicy.NEW,  # a limit that somebody sets must refuse what is new, never lose what is there
        duplicate_window=_DUPLICATES,
        allow_direct=True,
        allow_atomic=True,
    )
    try:
        await js.add_stream(config)
    except APIError:
        return await js.find_stream_name_by_subject(SUBJECTS)  # another process was quicker
    return STREAM

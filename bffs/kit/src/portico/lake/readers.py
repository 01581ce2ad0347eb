"""How far the services have read the hub, told on it: their places are in their own stores. Light to import.

A service tells it when it starts and every hour. One that has told nothing for 30 days is taken for gone: the hub keeps
nothing for it alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Final

import msgspec
import nats.errors
from nats.js import JetStreamContext
from nats.js.api import StreamInfo
from nats.js.errors import BucketNotFoundError, KeyNotFoundError, NoKeysError, NotFoundError
from nats.js.errors import Error as JetStreamError

from portico.lake.errors import LakeUnavailable
from portico.lake.hub_reader import identity, name_of

BUCKET: Final = "portico-readers"
_REMEMBERED: Final = 30 * 24 * 3600  # seconds
_PAGE: Final = 256  # consumers in one answer of the hub


class Reached(msgspec.Struct, frozen=True):
    """What is on these ``subjects`` of the hub was dealt with up to ``sequence``, inclusive."""

    subjects: tuple[str, ...]
    sequence: int


class Reading(msgspec.Struct, frozen=True):
    """How far one reader is in all parts of ``stream`` (name and birth) that it reads."""

    stream: str
    parts: tuple[Reached, ...]


async def tell(js: JetStreamContext, reader: str, reading: Reading) -> None:
    """Tell it; the newest of a reader replaces the others. Raises ``LakeUnavailable``."""
    with _meaning():
        try:
            bucket = await js.key_value(BUCKET)
        except BucketNotFoundError:
            bucket = await js.create_key_value(bucket=BUCKET, ttl=_REMEMBERED)
        await bucket.put(reader, msgspec.json.encode(reading))


async def read_by_all(js: JetStreamContext, info: StreamInfo) -> int:
    """The sequence up to which nobody wants a message any more: no service that tells, no durable consumer.

    Raises ``LakeUnavailable``.
    """
    with _meaning():
        until = await _settled(js, name_of(info), info.state.last_seq)
        for reading in await _told(js):
            for part in reading.parts:
                behind = part.sequence if reading.stream == identity(info) else 0
                for subject in part.subjects:
                    until = min(until, await _before_next(js, name_of(info), subject, behind, until))
        return until


async def _told(js: JetStreamContext) -> list[Reading]:
    try:
        bucket = await js.key_value(BUCKET)
        names = await bucket.keys()
    except (BucketNotFoundError, NoKeysError):
        return []
    readings = []
    for name in names:
        with contextlib.suppress(KeyNotFoundError):  # its 30 days ended just now
            readings.append(msgspec.json.decode((await bucket.get(name)).value or b"", type=Reading))
    return readings


async def _before_next(js: JetStreamContext, stream: str, subject: str, behind: int, until: int) -> int:
    """Up to where a reader that dealt with ``behind`` misses nothing: a partition may have nothing new for long."""
    if behind >= until:
        return until
    try:
        following = await js.get_msg(stream, seq=behind + 1, subject=subject, next=True)
    except NotFoundError:
        return until
    return until if following.seq is None else following.seq - 1


async def _settled(js: JetStreamContext, stream: str, until: int) -> int:
    """The sequence up to which every durable consumer has settled all that it wants: programs that are no services."""
    offset = 0
    while page := await js.consumers_info(stream, offset):
        for one in page:
            waits = (one.num_pending or 0) + (one.num_ack_pending or 0)
            if one.config.durable_name and waits and one.ack_floor is not None:
                until = min(until, one.ack_floor.stream_seq)
        if len(page) < _PAGE:
            break
        offset += len(page)
    return until


@contextlib.contextmanager
def _meaning() -> Iterator[None]:
    try:
        yield
    except (nats.errors.Error, JetStreamError, OSError, TimeoutError) as error:
        raise LakeUnavailable(f"the hub does not answer: {type(error).__name__} {error}".strip()) from error
    except msgspec.DecodeError as error:
        raise LakeUnavailable(f"what a reader of the hub told cannot be read: {error}") from error

"""Frames: what a stream sends, written once per message, whoever hears it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple, Protocol, Self

import msgspec

from portico.feed import FeedMessage
from portico.problem import Problem

_CURSOR = re.compile(r"([0-9a-f]{8})\.(0|[1-9][0-9]{0,18})")
_MESSAGE = msgspec.json.Decoder(FeedMessage)
_TYPE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*")
_LATEST = 8_640_000_000_000_000  # the last millisecond that a browser can write down (ECMA-262, 21.4.1.1)
_OURS = frozenset({"hello", "beat", "channel", "poke", "reset", "bye", "pull"})


class Cursor(NamedTuple):
    """A place in the feeds: everything up to `seq` of the stream that was made at `epoch`. Opaque to clients."""

    epoch: str
    seq: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `<epoch>.<seq>`; raises a 400 problem for anything else."""
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise Problem(
                "cursor-invalid",
                status=400,
                title="Not a cursor",
                detail="`after` is the id of a frame or a head that the live stream gave.",
            )
        return cls(found[1], int(found[2]))

    def __str__(self) -> str:
        """As clients have it."""
        return f"{self.epoch}.{self.seq}"


class Stored:
    """A message of a feed, at its place in the stream.

    Its JSON is the same for everybody but for `prev`, which says what came before it in a client's own feed; so it is
    kept as the two pieces around that.
    """

    __slots__ = ("body", "id", "lead", "seq", "subject")

    def __init__(self, epoch: str, seq: int, subject: str, body: bytes) -> None:
        self.seq = seq
        self.subject = subject
        self.id = b"%b.%d" % (epoch.encode(), seq)
        self.lead = b'{"id":"%b","prev":"%b.' % (self.id, epoch.encode())
        self.body = b'",' + body[1:]

    def __len__(self) -> int:
        """About how many bytes it takes to send."""
        return len(self.lead) + len(self.body)

    def json(self, prev: int) -> bytes:
        """The frame for a client that has everything up to `prev`."""
        return b"%b%d%b" % (self.lead, prev, self.body)


def read_message(body: bytes) -> bytes | None:
    """The body of a feed's message as `{"type":...,"ts":...,"data":...}` on one line; `None` for what is no message."""
    try:
        message = _MESSAGE.decode(body)
        body.decode()
        if not _TYPE.fullmatch(message.type) or message.type in _OURS or not 0 <= message.ts <= _LATEST:
            return None
        written = msgspec.json.encode(message)
        # A line break would end the data field of an event stream.
        return msgspec.json.format(written, indent=-1) if b"\n" in written or b"\r" in written else written
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # the last: nested without end
        return None


class Encoding(Protocol):
    """How a transport writes what it sends."""

    def stored(self, stored: Stored, prev: int) -> bytes:
        """A frame with an id."""

    def control(self, json: bytes) -> bytes:
        """A frame without."""


class JsonEncoding:
    """Frames as they are: for messages of a WebSocket and lists of a poll."""

    def stored(self, stored: Stored, prev: int) -> bytes:
        """The frame's JSON."""
        return stored.json(prev)

    def control(self, json: bytes) -> bytes:
        """The frame's JSON."""
        return json


class EventEncoding:
    """Frames as server-sent events (HTML Living Standard, section 9.2)."""

    def stored(self, stored: Stored, prev: int) -> bytes:
        """An event with an id."""
        return b"id: %b\ndata: %b%d%b\n\n" % (stored.id, stored.lead, prev, stored.body)

    def control(self, json: bytes) -> bytes:
        """An event without."""
        return b"data: %b\n\n" % json


JSON = JsonEncoding()
EVENTS = EventEncoding()


def hello(*, epoch: str, head: int, oldest: int, region: str, heartbeat_s: float, channel: int | None = None) -> bytes:
    """The first frame: where the feed stands, and how often to expect a sign of life (in milliseconds).

    `channel` is the live channel's revision, as far as it is known.
    """
    frame: dict[str, object] = {
        "type": "hello",
        "head": f"{epoch}.{head}",
        "oldest": f"{epoch}.{oldest}",
        "epoch": epoch,
        "region": region,
        "heartbeat": round(heartbeat_s * 1000),
    }
    if channel is not None:
        frame["channel"] = channel
    return msgspec.json.encode(frame)


def beat(now_ms: int) -> bytes:
    """A sign of life."""
    return b'{"type":"beat","ts":%d}' % now_ms


def channel_changed(revision: int) -> bytes:
    """The live channel has another revision."""
    return b'{"type":"channel","revision":%d}' % revision


def poke(epoch: str, head: int) -> bytes:
    """There is more than was sent: pull."""
    return b'{"type":"poke","head":"%b.%d"}' % (epoch.encode(), head)


def reset(epoch: str, head: int, frames: Iterable[bytes]) -> bytes:
    """What is retained, in place of everything the client has."""
    return b'{"type":"reset","head":"%b.%d","frames":[%b]}' % (epoch.encode(), head, b",".join(frames))


def bye(retry_ms: int, reason: str) -> bytes:
    """The server ends the stream; come again after `retry_ms` milliseconds."""
    return b'{"type":"bye","retry":%d,"reason":"%b"}' % (retry_ms, reason.encode())

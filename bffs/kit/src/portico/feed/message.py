"""The body of a message on a feed."""

from __future__ import annotations

import msgspec


class FeedMessage(msgspec.Struct, frozen=True):
    """What a feed's subject carries, as JSON: ``{"type", "ts", "data"}``.

    ``type`` is ``notice`` or a dotted lower-case name such as ``things.thing-changed``; ``ts`` is when it was said, in
    milliseconds since the epoch; ``data`` is any JSON. Its id is the ``Nats-Msg-Id`` header. Read one with
    ``msgspec.json.decode(body, type=FeedMessage)``, which raises ``msgspec.DecodeError`` for anything else.
    """

    type: str
    ts: int
    data: msgspec.Raw

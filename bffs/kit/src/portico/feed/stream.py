"""The stream of the hub that keeps all feeds."""

from __future__ import annotations

from typing import Final

from nats.js import JetStreamContext
from nats.js.api import StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

STREAM: Final = "FEEDS"
SUBJECTS: Final = "feed.>"

_RETENTION: Final = 7 * 24 * 3600.0  # seconds
_MOST_PER_FEED: Final = 1000
_DUPLICATES: Final = 120.0  # seconds in which the hub itself drops a repeated id


async def ensure_stream(js: JetStreamContext) -> str:
    """Make the stream of all feeds unless one takes ``feed.>`` already; return its name.

    An operator's settings are left alone. Safe to call from many processes at once. Raises what nats-py raises.
    """
    try:
        return await js.find_stream_name_by_subject(SUBJECTS)
    except NotFoundError:
        pass
    try:
        await js.add_stream(
            StreamConfig(
                name=STREAM,
                subjects=[SUBJECTS],
                storage=StorageType.FILE,
                max_age=_RETENTION,
                max_msgs_per_subject=_MOST_PER_FEED,
                allow_direct=True,
                duplicate_window=_DUPLICATES,
            )
        )
    except APIError:
        return await js.find_stream_name_by_subject(SUBJECTS)  # another process was quicker
    return STREAM

"""How much the live stream gives to one connection, one person, and the time of each."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLimits:
    """Bounds of the live stream. Times are in seconds.

    `queue_frames` and `queue_bytes` are what may wait for one connection before it is told to pull instead;
    `backlog_bytes` is what one answer may bring of what was stored. A stream lives between the two of `lifetime_s`.
    `verify_s` is how long a stream may go on without its session being looked up again. On a WebSocket a client may
    say something `pulls` times in `pulls_within_s`.
    """

    heartbeat_s: float = 15.0
    lifetime_s: tuple[float, float] = (300.0, 600.0)
    send_timeout_s: float = 10.0
    read_timeout_s: float = 2.5
    verify_s: float = 30.0
    longest_wait_s: float = 25.0
    queue_frames: int = 256
    queue_bytes: int = MIB
    backlog_bytes: int = 4 * MIB
    snapshot_frames: int = 500
    snapshot_bytes: int = MIB
    recent_frames: int = 5000
    recent_bytes: int = 8 * MIB
    streams_each: int = 16
    pulls: int = 20
    pulls_within_s: float = 1.0

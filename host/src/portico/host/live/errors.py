"""What the live stream refuses with."""

from __future__ import annotations

from portico.problem import Problem

_RETRY_AFTER_S = "2"


def live_unavailable(detail: str) -> Problem:
    """503 `live-unavailable`: there is no hub, it is away, or this host is about to end."""
    return Problem(
        "live-unavailable",
        status=503,
        title="Live updates are not available",
        detail=f"{detail} Try again in a moment.",
        headers={"Retry-After": _RETRY_AFTER_S},
    )


def too_many_pulls() -> Problem:
    """429 `too-many-pulls`, the reason that a WebSocket is closed with: its client asks faster than it may."""
    return Problem("too-many-pulls", status=429, title="Too many pulls")


def too_many_streams() -> Problem:
    """429 `too-many-streams`: one person has as many streams as one may have."""
    return Problem(
        "too-many-streams",
        status=429,
        title="Too many live streams",
        detail="One browser needs one stream: close others first.",
        headers={"Retry-After": "30"},
    )

"""Bounds of what the host takes and passes on."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLimits:
    """Bounds for calls to one app's BFF; one slow BFF must not exhaust the host.

    Of calls to one app, `concurrency` may be under way at once, and `concurrency_each` of one person; of streams of
    events and WebSockets, which last, `streams` and `streams_each`. A BFF has `timeout_s` to begin its answer. A body
    has at most `body_bytes`, with at most `body_pause_s` between two pieces and `body_s` for all of it; who does not go
    on reading an answer for `read_pause_s` loses it. A message of a WebSocket has at most `message_bytes`; when
    the browser is gone, its BFF has `goodbye_s` to end by itself.
    """

    body_bytes: int = 1024 * KIB
    body_pause_s: float = 10.0
    body_s: float = 120.0
    timeout_s: float = 30.0
    read_pause_s: float = 30.0
    concurrency: int = 100
    concurrency_each: int = 24
    streams: int = 2000
    streams_each: int = 16
    message_bytes: int = 256 * KIB
    goodbye_s: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Calls per minute, on average; 0 is without limit. Each process counts for itself.

    `person` is one person's calls to the API; `address` is what comes from one address to the API, to sign-in and to
    the deployer together; `sign_in` is what comes from one address to sign-in alone.
    """

    person: int = 6000
    address: int = 12_000
    sign_in: int = 600

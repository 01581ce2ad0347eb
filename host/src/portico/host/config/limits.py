"""Bounds of what the host takes and passes on."""

from __future__ import annotations

from dataclasses import dataclass

KIB = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayLimits:
    """Bounds for calls to one app's BFF; one slow BFF must not exhaust the host.

    `concurrency` is how many calls to one app may be under way, `concurrency_each` how many of them one person's.
    """

    body_bytes: int = 1024 * KIB
    timeout_s: float = 30.0
    concurrency: int = 100
    concurrency_each: int = 24

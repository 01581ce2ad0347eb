"""The trace that a call belongs to (W3C Trace Context): passed on when it is valid, begun anew when it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from secrets import token_hex

from portico.host.gateway.headers import Header

LONGEST_STATE = 512
"""Bytes of `tracestate` that are passed on (W3C Trace Context, 3.3.1.5, asks for no more)."""

# A later version may append fields; one of version 00 has none (3.2.4).
_VALID = re.compile(rb"(?!ff)(?!00-.{53,})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_LONGEST = 256
_SAMPLED = b"00"  # nothing here records traces, so nothing here says that one is recorded


def traced(headers: Sequence[Header], new_id: Callable[[int], str] = token_hex) -> list[Header]:
    """The headers with exactly one valid `traceparent`, and `tracestate` only beside one that came with the call.

    `new_id` gives so many random bytes in hexadecimal.
    """
    given = [value for name, value in headers if name == b"traceparent"]
    if len(given) == 1 and len(given[0]) <= _LONGEST and _VALID.fullmatch(given[0]):
        state = sum(len(value) for name, value in headers if name == b"tracestate")
        return list(headers) if state <= LONGEST_STATE else _without(headers, b"tracestate")
    begun = b"00-%b-%b-%b" % (new_id(16).encode(), new_id(8).encode(), _SAMPLED)
    rest = _without(headers, b"traceparent", b"tracestate") if given or _has_state(headers) else list(headers)
    return [*rest, (b"traceparent", begun)]


def _has_state(headers: Sequence[Header]) -> bool:
    return any(name == b"tracestate" for name, _ in headers)


def _without(headers: Sequence[Header], *names: bytes) -> list[Header]:
    return [pair for pair in headers if pair[0] not in names]

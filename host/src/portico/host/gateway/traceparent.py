"""The trace that a call belongs to (W3C Trace Context): passed on when it is valid, begun anew when it is not."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import randbytes

from portico.host.gateway.headers import Header

LONGEST_STATE = 512
"""Bytes of `tracestate` that are passed on (W3C Trace Context, 3.3.1.5, asks for no more)."""

# A later version may append fields; one of version 00 has none (3.2.4).
_VALID = re.compile(rb"(?!ff)(?!00-.{53,})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
_LONGEST = 256
_STATE = frozenset({b"tracestate"})
_TRACE = _STATE | {b"traceparent"}
_SAMPLED = b"00"  # nothing here records traces, so nothing here says that one is recorded


def _new_id(size: int) -> str:
    # An id must differ from others, not be a secret; the system's randomness costs a call of the system each.
    return randbytes(size).hex()  # noqa: S311


def traced(headers: Sequence[Header], new_id: Callable[[int], str] = _new_id) -> list[Header]:
    """The headers with exactly one valid `traceparent`, and `tracestate` only beside one that came with the call.

    `new_id` gives so many random bytes in hexadecimal.
    """
    trace = [pair for pair in headers if pair[0] in _TRACE]
    given = [value for name, value in trace if name == b"traceparent"]
    if len(given) == 1 and len(given[0]) <= _LONGEST and _VALID.fullmatch(given[0]):
        state = sum(len(value) for name, value in trace if name == b"tracestate")
        return list(headers) if state <= LONGEST_STATE else _without(headers, _STATE)
    begun = b"00-%b-%b-%b" % (new_id(16).encode(), new_id(8).encode(), _SAMPLED)
    return [*(_without(headers, _TRACE) if trace else headers), (b"traceparent", begun)]


def _without(headers: Sequence[Header], names: frozenset[bytes]) -> list[Header]:
    return [pair for pair in headers if pair[0] not in names]

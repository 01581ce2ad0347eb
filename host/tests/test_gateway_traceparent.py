"""The trace of a call (W3C Trace Context)."""

from __future__ import annotations

import pytest

from portico.host.gateway.traceparent import traced

VALID = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
BEGUN = b"00-" + b"a" * 32 + b"-" + b"a" * 16 + b"-00"


def new_id(size: int) -> str:
    return "aa" * size


@pytest.mark.parametrize("value", [VALID, b"cc" + VALID[2:], b"01" + VALID[2:] + b"-what-is-to-come"])
def test_a_valid_one_is_passed_on_with_its_state(value: bytes) -> None:
    headers = [(b"traceparent", value), (b"tracestate", b"vendor=1")]
    assert traced(headers, new_id) == headers


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"00-1-2-01",
        b"ff" + VALID[2:],
        VALID.upper(),
        VALID + b"-more",
        b"00-" + b"0" * 32 + VALID[35:],
        VALID[:36] + b"0" * 16 + b"-01",
        VALID[:-1],
        VALID + b" ",
        b"01" + VALID[2:] + b"more",
        b"01" + VALID[2:] + b"-" + b"x" * 300,
    ],
)
def test_an_invalid_one_is_replaced_and_its_state_dropped(value: bytes) -> None:
    headers = [(b"traceparent", value), (b"tracestate", b"vendor=1"), (b"accept", b"*/*")]
    assert traced(headers, new_id) == [(b"accept", b"*/*"), (b"traceparent", BEGUN)]


def test_two_of_them_are_none() -> None:
    assert traced([(b"traceparent", VALID), (b"traceparent", VALID)], new_id) == [(b"traceparent", BEGUN)]


def test_one_is_begun_where_there_is_none_and_each_is_another() -> None:
    assert traced([(b"accept", b"*/*")], new_id)[-1] == (b"traceparent", BEGUN)
    assert traced([])[-1] != traced([])[-1]


def test_state_that_is_too_long_is_dropped_and_the_trace_goes_on() -> None:
    assert traced([(b"traceparent", VALID), (b"tracestate", b"x" * 513)], new_id) == [(b"traceparent", VALID)]

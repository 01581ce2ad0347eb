"""What a BFF may answer at all: a head that reads the same to everybody who passes it on (RFC 9110, 5; RFC 9112)."""

from __future__ import annotations

import logging
import re

from starlette.types import Message

from portico.host.gateway.headers import Header
from portico.host.gateway.refusals import bad_answer

MOST_HEADERS = 100
MOST_HEADER_BYTES = 32 * 1024

_NOT_IN_NAMES = re.compile(rb"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_NOT_IN_VALUES = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")  # a tab is allowed
_NAME_OF_LENGTH = len("content-length")
_LENGTH = re.compile(rb"[0-9]{1,18}")

_logger = logging.getLogger(__name__)


def check_answer(start: Message) -> None:
    """Raise a 502 problem when the head of an answer could split it, smuggle another, or flood who reads it."""
    fault = _fault(start["status"], list(start.get("headers", ())))
    if fault is not None:
        _logger.warning("An answer of a BFF is not passed on: %s", fault)
        raise bad_answer()


def _fault(status: int, headers: list[Header]) -> str | None:
    all_names = [name for name, _ in headers]
    names, values = b"".join(all_names), b"".join([value for _, value in headers])
    if not 200 <= status <= 599:
        return f"the status {status} is not one of an answer"
    if len(headers) > MOST_HEADERS or len(names) + len(values) > MOST_HEADER_BYTES:
        return f"{len(headers)} headers with {len(names) + len(values)} bytes are too much"
    if _NOT_IN_NAMES.search(names) or b"" in all_names:
        return "a header's name has a character that none may have"
    if _NOT_IN_VALUES.search(values):
        return "a header's value has a control character"
    lengths = [value for name, value in headers if len(name) == _NAME_OF_LENGTH and name.lower() == b"content-length"]
    if lengths and (len(lengths) > 1 or not _LENGTH.fullmatch(lengths[0])):
        return "it has no single content length"
    return None

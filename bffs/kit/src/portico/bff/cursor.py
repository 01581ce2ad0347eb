"""Cursors: where a page ended, as opaque text. They hold no authority; every page is filtered anew."""

from __future__ import annotations

import base64
import binascii
from typing import Final, TypeVar

import msgspec

from portico.bff.errors import InvalidQuery

T = TypeVar("T", bound=tuple[str | int, ...])

_MOST: Final = 1 << 63
"""Numbers from here on no database compares with its own."""


def to_cursor(place: tuple[str | int, ...]) -> str:
    """Write a place as URL-safe text."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def from_cursor(text: str, shape: type[T]) -> T:
    """Read a place of the given shape; raises ``InvalidQuery`` for anything else."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        place = msgspec.json.decode(raw, type=shape)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise InvalidQuery("the cursor is not one of ours") from error
    if any(isinstance(one, int) and not -_MOST <= one < _MOST for one in place):
        raise InvalidQuery("the cursor is not one of ours")
    return place


def checked_limit(limit: int, most: int = 200) -> int:
    """Return the limit of a page; raises ``InvalidQuery`` unless it is 1 to ``most``."""
    if not 1 <= limit <= most:
        raise InvalidQuery(f"limit must be between 1 and {most}")
    return limit

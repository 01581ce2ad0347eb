"""What a page may tell at once: shapes and bounds. It is anybody's word, so it is short, and never more than text."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from portico.problem import decoded

LARGEST = 64 * 1024
"""Bytes of one batch: what browsers take for a beacon."""

_Short = Annotated[str, msgspec.Meta(max_length=100)]
_Text = Annotated[str, msgspec.Meta(max_length=500)]
_Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a page. ``at`` is in milliseconds since the page began, ``ms`` is what was measured."""

    kind: Literal["log", "measure"]
    app: _Short
    level: Literal["info", "warn", "error"]
    message: _Text
    at: _Milliseconds
    ms: _Milliseconds | None = None
    fields: Annotated[dict[_Short, _Text | float | bool | None], msgspec.Meta(max_length=12)] = {}


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines of one page: its path, without query, and the channel's revision that it was made from."""

    path: _Text
    revision: Annotated[int, msgspec.Meta(ge=0, le=2**53)]
    records: Annotated[list[Record], msgspec.Meta(min_length=1, max_length=50)]
    dropped: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0


def read_batch(body: bytes) -> Batch:
    """Return the batch; raises ``msgspec.ValidationError`` or ``msgspec.DecodeError`` saying what is wrong where."""
    return decoded(body, Batch)

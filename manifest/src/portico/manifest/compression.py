"""Encodings that assets are kept in, made once when a file arrives, and the choice among them (RFC 9110, 12.5.3)."""

import gzip
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Literal

import brotli  # type: ignore[import-untyped]
import zstandard

Encoding = Literal["br", "zstd", "gzip"]
ENCODINGS: tuple[Encoding, ...] = ("br", "zstd", "gzip")
"""In the order we prefer them at equal weight and size."""


class Effort(Enum):
    """How hard to compress a file: not at all, quickly (seldom sent), or for the fewest bytes (sent for years)."""

    NONE = 0
    QUICK = 1
    THOROUGH = 2


_UNSAID = 1e-4
"""The weight of the file itself when the client does not speak of it: taken, and less wanted than anything named."""
_SMALL = 1 << 20
_LARGE = 8 << 20


def variants_of(content: bytes, effort: Effort) -> dict[Encoding | None, bytes]:
    """Return the content (``None``) and the encodings that are smaller. CPU-bound: up to two seconds per megabyte."""
    if effort is Effort.NONE:
        return {None: content}
    size = len(content)
    best = effort is Effort.THOROUGH
    made: dict[Encoding | None, bytes] = {
        "br": brotli.compress(content, quality=(11 if size <= _SMALL else 9) if best and size <= _LARGE else 5),
        "zstd": zstandard.ZstdCompressor(level=19 if best and size <= _LARGE else 6).compress(content),
        "gzip": gzip.compress(content, compresslevel=9 if best else 6, mtime=0),
    }
    return {None: content} | {encoding: encoded for encoding, encoded in made.items() if len(encoded) < size}


def negotiate(accept: str | None, sizes: Mapping[Encoding | None, int]) -> Encoding | Literal["identity"] | None:
    """Choose the encoding for an ``Accept-Encoding`` header from those there are (``None`` keys the file itself).

    The heaviest weight wins, then the fewest bytes. ``None`` when the client takes none of them.
    """
    if accept is None:
        return "identity"
    weights = _weights(accept)
    best: Encoding | Literal["identity"] | None = None
    best_rank = (0.0, 0)
    for encoding in _available(sizes):
        name = encoding or "identity"
        weight = weights.get(name, weights.get("*", _UNSAID if encoding is None else 0.0))
        rank = (weight, -sizes[encoding])
        if weight > 0 and (best is None or rank > best_rank):
            best, best_rank = name, rank
    return best


def _available(sizes: Mapping[Encoding | None, int]) -> Iterable[Encoding | None]:
    yield from (encoding for encoding in ENCODINGS if encoding in sizes)
    yield None


def _weights(accept: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for item in accept.split(","):
        name, _, parameters = item.strip().partition(";")
        if name:
            weights[name.strip().lower()] = _weight(parameters)
    if "x-gzip" in weights:
        weights.setdefault("gzip", weights["x-gzip"])
    return weights


def _weight(parameters: str) -> float:
    """Read ``q=0.8``; anything unreadable is 0, so an encoding is never sent to a client that may not take it."""
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value) if name.strip().lower() == "q" else 0.0
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0

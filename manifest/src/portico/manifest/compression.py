"""Encodings that assets are kept in, made once when a file arrives, and the choice among them (RFC 9110, 12.5.3)."""

import gzip
import zlib
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from pathlib import Path
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


Compression = Effort | Mapping[Encoding | None, bytes]
"""How hard to compress a file, or what was made of it already, as ``variants_of`` does."""

_UNSAID = 1e-4
"""The weight of the file itself when the client does not speak of it: taken, and less wanted than anything named."""
_BLOCK = 1 << 18
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


def compress_file(source: Path, target: Path, encoding: Encoding, effort: Effort) -> None:
    """Write ``source`` in an encoding to ``target``, a block at a time. CPU-bound, as ``variants_of`` is."""
    process, finish = _compressor(encoding, source.stat().st_size, thorough=effort is Effort.THOROUGH)
    with source.open("rb") as plain, target.open("wb") as encoded:
        while block := plain.read(_BLOCK):
            encoded.write(process(block))
        encoded.write(finish())


def _compressor(
    encoding: Encoding, size: int, *, thorough: bool
) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    best = thorough and size <= _LARGE
    if encoding == "br":
        brotlied = brotli.Compressor(quality=(11 if size <= _SMALL else 9) if best else 5)
        return brotlied.process, brotlied.finish
    if encoding == "zstd":
        zstandarded = zstandard.ZstdCompressor(level=19 if best else 6).compressobj(size=size)
        return zstandarded.compress, zstandarded.flush
    gzipped = zlib.compressobj(9 if thorough else 6, wbits=31)  # RFC 1952, without a time: same bytes every time
    return gzipped.compress, gzipped.flush


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

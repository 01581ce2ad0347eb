"""Which encoding a client is sent (RFC 9110, 12.5.3)."""

import gzip
import os

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from portico.manifest.compression import Effort, Encoding, negotiate, variants_of

SIZES: dict[Encoding | None, int] = {None: 1000, "br": 100, "zstd": 110, "gzip": 120}


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, "identity"),
        ("", "identity"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip;q=0.1, identity;q=0.05", "gzip"),
        ("br; q=0.9 , zstd;q=0.95", "zstd"),
        ("*", "br"),
        ("*;q=0.5, identity", "identity"),
        ("br;q=0, *", "zstd"),
        ("deflate, compress", "identity"),
        ("identity", "identity"),
        ("br;q=high", "identity"),
        ("br;q=1.5", "identity"),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("*;q=0, gzip", "gzip"),
        (",,br,", "br"),
    ],
)
def test_the_heaviest_weight_wins_then_the_fewest_bytes(accept: str | None, chosen: str | None) -> None:
    assert negotiate(accept, SIZES) == chosen


def test_an_encoding_that_is_not_there_is_never_chosen() -> None:
    assert negotiate("br, gzip", {None: 10}) == "identity"
    assert negotiate("br, gzip", {None: 10, "gzip": 9}) == "gzip"


@pytest.mark.parametrize("effort", [Effort.QUICK, Effort.THOROUGH])
def test_every_variant_is_the_content_and_smaller(effort: Effort) -> None:
    content = b"export const a = 1;\n" * 500
    made = variants_of(content, effort)
    assert {encoding for encoding in made if encoding} == {"br", "zstd", "gzip"}
    assert brotli.decompress(made["br"]) == content
    assert zstandard.ZstdDecompressor().decompress(made["zstd"]) == content
    assert gzip.decompress(made["gzip"]) == content
    assert all(len(encoded) < len(content) for encoding, encoded in made.items() if encoding)


def test_what_does_not_shrink_is_kept_as_it_is() -> None:
    content = os.urandom(200)
    assert variants_of(content, Effort.THOROUGH) == {None: content}
    assert variants_of(b"a" * 500, Effort.NONE) == {None: b"a" * 500}


def test_the_same_content_gives_the_same_gzip_at_any_time() -> None:
    made = variants_of(b"a" * 500, Effort.THOROUGH)["gzip"]
    assert made[4:8] == b"\0\0\0\0"

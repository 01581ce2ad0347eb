"""Subresource Integrity (W3C): reading what a client gives, and comparing it with the bytes themselves."""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from portico.manifest.imd.errors import ImdRequestInvalid, IntegrityMismatch

LENGTHS: Mapping[str, int] = {"sha256": 32, "sha384": 48, "sha512": 64}
"""The hash functions that browsers know, the weakest first, with the bytes of a digest."""

_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests of one file, by hash function, as ``<function>-<base64>``."""

    of: Mapping[str, str]

    @classmethod
    def of_bytes(cls, content: bytes) -> "Digests":
        """Return the digests of these bytes."""
        return cls({name: _written(name, hashlib.new(name, content).digest()) for name in LENGTHS})


def parse_integrity(text: object, pointer: str) -> str:
    """Return integrity metadata that a browser can check; raises ``ImdRequestInvalid`` for anything else."""
    words = text.split() if isinstance(text, str) and len(text) <= _LONGEST else []
    if not words or not all(map(_is_digest, words)):
        raise ImdRequestInvalid(f"{str(text)[:100]!r} is not integrity such as sha384-<base64 of the digest>", pointer)
    return " ".join(words)


def check(url: str, integrity: str, found: Digests) -> None:
    """Raise ``IntegrityMismatch`` unless the bytes are what ``integrity`` says; of its digests the strongest count."""
    words = [word.partition("?")[0] for word in integrity.split()]
    function = next(name for name in reversed(list(LENGTHS)) if any(word.startswith(f"{name}-") for word in words))
    if found.of[function] not in words:
        raise IntegrityMismatch(
            f"{url} serves a file with {found.of[function]}, not {integrity}: give the integrity of the file that is "
            "there, or put the right file there first"
        )


def _is_digest(word: str) -> bool:
    function, _, rest = word.partition("?")[0].partition("-")
    try:
        return len(base64.b64decode(rest, validate=True)) == LENGTHS.get(function)
    except (binascii.Error, ValueError):
        return False


def _written(function: str, digest: bytes) -> str:
    return f"{function}-{base64.b64encode(digest).decode('ascii')}"

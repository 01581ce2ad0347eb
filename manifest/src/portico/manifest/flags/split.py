"""Who is given which variant when people are shared out: the same person always the same one, whoever computes it.

Weighted rendezvous hashing (D. Thaler and C. Ravishankar, "Using name-based mappings to increase hit rates", 1998; the
logarithm for weights: J. Resch, "New hashing methodologies", SNIA SDC 2015). Every variant draws a number for the
person, from an exponential distribution with the variant's share as its rate, and the smallest wins, which happens with
exactly the share's probability. So a person goes from x to y only when y's share grew by a larger factor than x's:
raising a variant never takes anybody out of it, whatever the number of variants. Adjoining ranges of one number, which
serve two sides as well, would push people between variants that did not change.
"""

from collections.abc import Mapping
from hashlib import sha256
from math import log

from portico.manifest.canonical import canonical_json

_BITS = 53
"""What a float holds exactly."""


def variant_of(flag: str, shares: Mapping[str, int], key: str) -> str:
    """Return the variant that the person ``key`` is given; a share is any weight, none below 0, one above.

    The flag's key is part of the draw: who is early in one flag is not early in all.
    """
    return min((_draw(flag, name, key) / share, name) for name, share in shares.items() if share > 0)[1]


def _draw(flag: str, variant: str, key: str) -> float:
    digest = sha256(canonical_json(["portico-flag", flag, variant, key])).digest()
    number = int.from_bytes(digest[:8], "big") >> (64 - _BITS)
    return -log((number + 0.5) / (1 << _BITS))

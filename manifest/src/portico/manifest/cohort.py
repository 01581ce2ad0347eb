"""Cohorts: which side of a split a person is on. Pure, so that every process and every page load says the same."""

import hashlib

BUCKETS = 10_000
"""How finely people are told apart: hundredths of a hundredth."""


def bucket(name: str, seed: str, visitor: str) -> int:
    """Return the visitor's place among ``BUCKETS``, for one app (or flag) and one seed: evenly spread.

    ``visitor`` is a stable key of a person or browser (``sub:...``, ``anon:...``). From SHA-256 of the three, NUL
    between them: none of them can hold one.
    """
    digest = hashlib.sha256(f"{name}\0{seed}\0{visitor}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % BUCKETS


def chosen(name: str, seed: str, visitor: str, weight: int) -> bool:
    """Tell whether the visitor is in the share of ``weight`` hundredths.

    The seed of a release's share is its digest. A greater weight keeps everyone who was in and adds others; a smaller
    one takes out only those above it.
    """
    return bucket(name, seed, visitor) < weight * BUCKETS // 100

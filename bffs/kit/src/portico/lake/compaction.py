"""Which small files become one. Files of like size are put together, so that no row is written again often."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from portico.lake.log import DataFile

FULL: Final = 32 << 20
"""Bytes from which on a file is left as it is."""

MANY: Final = 16
"""So many files of like size are worth making one of."""

_TIER: Final = 4  # files of like size differ by this factor at most
_AT_ONCE: Final = 2 * FULL  # bytes that are read into memory for one merge


def choose(files: Iterable[DataFile], *, wholly: bool = False) -> Iterator[Sequence[DataFile]]:
    """Yield groups of files, each of one day and service, oldest first; ``wholly``: whatever their size and number."""
    groups: dict[tuple[str, str, int], list[DataFile]] = {}
    for file in files:
        if file.bytes < FULL:
            groups.setdefault((file.day, file.service, 0 if wholly else _tier(file)), []).append(file)
    for group in groups.values():
        for part in _parts(sorted(group, key=lambda one: one.first)):
            if len(part) >= (2 if wholly else MANY):
                yield part


def _parts(files: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    part: list[DataFile] = []
    size = 0
    for file in files:
        if part and size + file.bytes > _AT_ONCE:
            yield part
            part, size = [], 0
        part.append(file)
        size += file.bytes
    yield part


def _tier(file: DataFile) -> int:
    tier, size = 0, file.bytes
    while size >= _TIER:
        tier, size = tier + 1, size // _TIER
    return tier

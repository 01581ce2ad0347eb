"""What one page view holds, decided from the manifest, the person and the path. Pure: no I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import msgspec

from portico.manifest import AppManifest, ImportMap, Release, Route, Snapshot, match_route

MAIN_SLOT = "main"
# The shell's own slots, in document order.
SHELL_SLOTS = ("header", MAIN_SLOT)

Status = Literal[200, 401, 403, 404]


class Person(Protocol):
    """Who is asking, as far as a page needs to know."""

    @property
    def sub(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def roles(self) -> Sequence[str]: ...  # noqa: D102

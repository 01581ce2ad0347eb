"""The store port of flags: every state a flag ever had, with a number for all that ever changed."""

from collections.abc import Sequence
from typing import Protocol

from portico.manifest.flags.flag import Flag, FlagRevision


class FlagStore(Protocol):
    """Rows of flags: revisions are only appended, and a write that returned is durable."""

    async def changes(self) -> int:
        """Return how many changes there were, of all flags: as long as it stays, no flag has changed."""
        ...

    async def flags(self) -> Sequence[Flag]:
        """Return every flag that there is, in the order of the keys."""
        ...

    async def latest(self, key: str) -> FlagRevision | None:
        """Return the latest revision of a flag, which may be its deletion; ``None`` when there never was one."""
        ...

    async def page(self, *, team: str | None, after: str, limit: int) -> Sequence[FlagRevision]:
        """Return the latest revisions of flags that there are, by key, of keys above ``after``."""
        ...

    async def history(self, key: str, *, before: int | None, limit: int) -> Sequence[FlagRevision]:
        """Return revisions of a flag, newest first, of numbers below ``before``."""
        ...

    async def append(self, revision: FlagRevision) -> None:
        """Keep a new revision; raises ``FlagConflict`` when its number is taken (compare-and-set)."""
        ...

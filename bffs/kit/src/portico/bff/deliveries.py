"""How messages come from the hub: in the order of its stream, to one who says from where on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who reads a part of the hub's stream of events.

    ``subjects`` are NATS subjects with wildcards; no two may mean the same subject.
    """

    name: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """The last message that was dealt with: its place in the stream. ``stream`` says which stream that was: one that
    was made anew begins anew."""

    stream: str = ""
    seq: int = 0


Places = Callable[[], Awaitable[Position]]
"""Finds the place behind which to read."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message of the stream. ``id`` is the one it was published with, empty when it had none; ``subject`` what its
    sender was allowed to say; ``pending`` how many are behind it."""

    position: Position
    subject: str
    id: str
    body: bytes
    pending: int = 0


class Reader(Protocol):
    """Hands out messages in the order of the stream, each once, until it is closed or raises."""

    @property
    def pending(self) -> int:
        """How many messages were there when it was made."""
        ...

    async def next(self, most: int) -> Sequence[Arrival]:
        """Wait for a message; return it with those that are there behind it, ``most`` in all.

        It asks the hub for no more than that ahead. Raises ``HubUnavailable``; then make another reader.
        """
        ...

    async def close(self) -> None:
        """Read no more."""
        ...

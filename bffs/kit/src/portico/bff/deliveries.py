"""How messages come from the hub: named consumers, and one message at a time of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Consumer:
    """A place in the hub's stream of events that outlives who reads from it. Readers of one name share its messages.

    ``subjects`` are NATS subjects with wildcards; no two may mean the same subject. A message that was neither settled
    nor kept for ``ack_wait`` seconds is handed out again.
    """

    name: str
    subjects: tuple[str, ...]
    ack_wait: float = 5.0


class Delivery(Protocol):
    """A message handed to one reader. Until it is settled, the consumer hands out no other."""

    @property
    def id(self) -> str:
        """The id it was published with; empty when it had none."""
        ...

    @property
    def subject(self) -> str:
        """The hub's subject that it was published on: what its sender was allowed to say."""
        ...

    @property
    def body(self) -> bytes:
        """Its body."""
        ...

    async def settle(self) -> None:
        """It is dealt with, for good."""
        ...

    async def release(self) -> None:
        """Give it back: it is the next one handed out."""
        ...

    async def keep(self) -> None:
        """Ask for another ``ack_wait``."""
        ...

"""A hub in memory, for tests of services."""

from __future__ import annotations

from portico.bff.errors import HubUnavailable
from portico.bff.hub import Hub, Message


class InMemoryHub(Hub):
    """Keeps what is published, in order, dropping repeated ids as JetStream does. Set ``available`` to cut it off."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.available = True
        self._ids: set[str] = set()

    async def publish(self, message: Message) -> None:
        """See ``Hub.publish``."""
        if not self.available:
            raise HubUnavailable("cut off by the test")
        if message.id not in self._ids:
            self._ids.add(message.id)
            self.messages.append(message)

    async def close(self) -> None:
        """Nothing is held."""

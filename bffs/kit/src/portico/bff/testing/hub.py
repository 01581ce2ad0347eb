"""A hub in memory, for tests of services."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from portico.bff.deliveries import Arrival, Consumer, Places, Position, Reader
from portico.bff.errors import HubUnavailable
from portico.bff.events import Event
from portico.bff.hub import Hub, Message
from portico.bff.received_event import ReceivedEvent
from portico.bff.testing.events import told_by
from portico.feed import FeedMessage, person_subject, tenant_subject


class InMemoryHub(Hub):
    """Keeps what is published, in order, dropping repetitions, and hands it to listeners.

    Several applications may share one. Set ``available`` to cut it off.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._available = True
        self._known: set[tuple[str, str, str]] = set()
        self._readers: list[_InMemoryReader] = []
        self._awaited = set[str]()  # who wants to read, and does not yet
        self._changed = asyncio.Condition()

    @property
    def available(self) -> bool:
        """Whether it answers."""
        return self._available

    @available.setter
    def available(self, available: bool) -> None:
        self._available = available
        for reader in self._readers:
            reader.stir()

    async def publish(self, message: Message) -> None:
        """See ``Hub.publish``."""
        if not self.available:
            raise HubUnavailable("cut off by the test")
        if (whole := (message.id, message.subject, message.body)) not in self._known:
            self._known.add(whole)
            self.messages.append(message)
            for reader in self._readers:
                reader.stir()
            await self._notify()

    async def read(self, consumer: Consumer, after: Places) -> Reader:
        """See ``Hub.read``."""
        self._awaited.add(consumer.name)
        if not self.available:
            raise HubUnavailable("cut off by the test")
        reader = _InMemoryReader(self, consumer, (await after()).seq)
        self._readers.append(reader)
        self._awaited.discard(consumer.name)
        return reader

    async def close(self) -> None:
        """Nothing is held."""

    async def emit(self, event: Event, *, service: str = "elsewhere", timestamp: int | None = None) -> ReceivedEvent:
        """Publish an event as another service does; return it as listeners receive it."""
        message = told_by(service, event, timestamp=timestamp)
        await self.publish(message)
        return ReceivedEvent.read(message.body)

    async def published(self, type_: str, count: int = 1) -> list[ReceivedEvent]:
        """Wait until so many events of this type were published; return those there are."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._events(type_)) >= count)
            return self._events(type_)

    async def told(self, sub: str, count: int = 1) -> list[FeedMessage]:
        """Wait until so many messages were published to this person's feed; return those there are."""
        return await self._feed(person_subject(sub), count)

    async def told_tenant(self, tenant: str, count: int = 1) -> list[FeedMessage]:
        """The same for a tenant's feed."""
        return await self._feed(tenant_subject(tenant), count)

    async def settled(self) -> None:
        """Wait until the listeners have taken everything that was published."""
        await asyncio.sleep(0)  # those just started make themselves known
        async with self._changed:
            await self._changed.wait_for(self._is_settled)

    def _is_settled(self) -> bool:
        return not self._awaited and all(reader.settled for reader in self._readers)

    def _events(self, type_: str) -> list[ReceivedEvent]:
        events = [ReceivedEvent.read(one.body) for one in self.messages if one.subject.startswith("evt.")]
        return [event for event in events if event.type == type_]

    async def _feed(self, subject: str, count: int) -> list[FeedMessage]:
        def found() -> list[str]:
            return [message.body for message in self.messages if message.subject == subject]

        async with self._changed:
            await self._changed.wait_for(lambda: len(found()) >= count)
        return [msgspec.json.decode(body, type=FeedMessage) for body in found()]

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


class _InMemoryReader(Reader):
    """Reads on from its place; what it handed out is dealt with when it is asked again."""

    def __init__(self, hub: InMemoryHub, consumer: Consumer, after: int) -> None:
        self._hub = hub
        self._filters = [subject.split(".") for subject in consumer.subjects]
        self._at = after
        self._consumer = consumer.name
        self._waits = False
        self._stirred = asyncio.Event()
        self._pending = len(self._found(len(hub.messages)))

    @property
    def pending(self) -> int:
        """See ``Reader.pending``."""
        return self._pending

    @property
    def settled(self) -> bool:
        """Whether nothing is left to take."""
        return self._waits and not self._found(1)

    def stir(self) -> None:
        """Something changed: whoever waits looks again."""
        self._stirred.set()

    async def next(self, most: int) -> Sequence[Arrival]:
        while True:
            self._stirred.clear()
            if not self._hub.available:
                self._hub._awaited.add(self._consumer)  # noqa: SLF001 (one thing in two classes)
                raise HubUnavailable("cut off by the test")
            if found := self._found(most):
                self._at = found[-1].position.seq
                return found
            self._waits = True
            await self._hub._notify()  # noqa: SLF001 (one thing in two classes)
            try:
                await self._stirred.wait()
            finally:
                self._waits = False

    async def close(self) -> None:
        self._hub._readers.remove(self)  # noqa: SLF001
        await self._hub._notify()  # noqa: SLF001

    def _found(self, most: int) -> list[Arrival]:
        found = []
        for seq, message in enumerate(self._hub.messages[self._at :], start=self._at + 1):
            if any(_matches(one, message.subject.split(".")) for one in self._filters):
                found.append(Arrival(Position(seq=seq), message.subject, message.id, message.body.encode()))
                if len(found) == most:
                    break
        return found


def _matches(pattern: list[str], subject: list[str]) -> bool:
    return len(pattern) == len(subject) and all(a in {"*", b} for a, b in zip(pattern, subject, strict=True))

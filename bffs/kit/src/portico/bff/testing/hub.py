"""A hub in memory, for tests of services."""

from __future__ import annotations

import asyncio

import msgspec

from portico.bff.deliveries import Consumer, Delivery
from portico.bff.errors import HubUnavailable
from portico.bff.events import Event
from portico.bff.hub import Hub, Message
from portico.bff.received_event import ReceivedEvent
from portico.bff.testing.events import told_by
from portico.feed import FeedMessage, person_subject, tenant_subject


class InMemoryHub(Hub):
    """Keeps what is published, in order, dropping repeated ids as JetStream does, and hands it to listeners.

    Several applications may share one. Set ``available`` to cut it off.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._available = True
        self._ids: set[str] = set()
        self._places: dict[str, _Place] = {}
        self._changed = asyncio.Condition()

    @property
    def available(self) -> bool:
        """Whether it answers."""
        return self._available

    @available.setter
    def available(self, available: bool) -> None:
        self._available = available
        for place in self._places.values():
            place.stir()

    async def publish(self, message: Message) -> None:
        """See ``Hub.publish``."""
        if not self.available:
            raise HubUnavailable("cut off by the test")
        if message.id not in self._ids:
            self._ids.add(message.id)
            self.messages.append(message)
            for place in self._places.values():
                place.stir()
            await self._notify()

    async def receive(self, consumer: Consumer) -> Delivery:
        """See ``Hub.receive``."""
        place = self._places.setdefault(consumer.name, _Place(self, consumer))
        return await place.next()

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
            await self._changed.wait_for(lambda: all(place.settled for place in self._places.values()))

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


class _Place:
    """Where a consumer is."""

    def __init__(self, hub: InMemoryHub, consumer: Consumer) -> None:
        self._hub = hub
        self._filters = [subject.split(".") for subject in consumer.subjects]
        self._at = 0
        self._out: _InMemoryDelivery | None = None
        self._stirred = asyncio.Event()

    @property
    def settled(self) -> bool:
        """Whether nothing is left to take."""
        return self._out is None and self._next() is None

    def stir(self) -> None:
        """Something changed: whoever waits looks again."""
        self._stirred.set()

    async def next(self) -> Delivery:
        while True:
            self._stirred.clear()
            if not self._hub.available:
                raise HubUnavailable("cut off by the test")
            if self._out is None and (message := self._next()) is not None:
                self._out = _InMemoryDelivery(self, message)
                return self._out
            await self._stirred.wait()

    async def end(self, delivery: _InMemoryDelivery, *, taken: bool) -> None:
        if self._out is delivery:
            self._out = None
            self._at += taken
            self.stir()
            await self._hub._notify()  # noqa: SLF001 (one thing in two classes)

    def _next(self) -> Message | None:
        while self._at < len(self._hub.messages):
            message = self._hub.messages[self._at]
            if any(_matches(one, message.subject.split(".")) for one in self._filters):
                return message
            self._at += 1
        return None


class _InMemoryDelivery(Delivery):
    def __init__(self, place: _Place, message: Message) -> None:
        self._place = place
        self._message = message

    @property
    def id(self) -> str:
        return self._message.id

    @property
    def subject(self) -> str:
        return self._message.subject

    @property
    def body(self) -> bytes:
        return self._message.body.encode()

    async def settle(self) -> None:
        await self._place.end(self, taken=True)

    async def release(self) -> None:
        await self._place.end(self, taken=False)

    async def keep(self) -> None:
        """It is kept for as long as it takes."""


def _matches(pattern: list[str], subject: list[str]) -> bool:
    return len(pattern) == len(subject) and all(a in {"*", b} for a, b in zip(pattern, subject, strict=True))

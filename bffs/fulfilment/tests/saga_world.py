"""The saga over a real store with a clock of the test's, and the facts that others tell it."""

from __future__ import annotations

from typing import Any

import msgspec

from bffs.kit.tests.store_world import TestClock
from fulfilment_bff.facts import Address, FinishedOrder, Line, Money, Order, Payment
from fulfilment_bff.saga import create_saga
from portico.bff import EntityStore, Event, Listener, Parts, ReceivedEvent
from portico.bff.agenda import MIGRATIONS, Agenda
from portico.bff.testing.events import received

WITHIN_MS = 15 * 60_000
ID = "018f0000-0000-7000-8000-0000000000aa"
TELLERS = {"submitted": "checkout", "accepted": "kitchen", "ready": "kitchen", "rejected": "kitchen",
           "picked-up": "courier", "delivered": "courier"}  # fmt: skip

__all__ = ["ID", "WITHIN_MS", "Saga", "TestClock", "fact", "order"]


def order(id_: str = ID) -> Order:
    total = Money(2280, "EUR")
    address = Address("Ada Lovelace", "12 Analytical Row", "1815", "London")
    placed = msgspec.convert("2026-01-31T12:00:00Z", Order.__annotations__["placed_at"])
    return Order(id_, "ada", placed, "da-mario", "Da Mario", (Line("p", "Pizza", 2, Money(1000, "EUR")),),
                 Money(2000, "EUR"), Money(280, "EUR"), total, address)  # fmt: skip


class Step(msgspec.Struct, frozen=True):
    """As much as the saga asks of a step's event."""

    id: str


def fact(type_: str, timestamp: int, *, id_: str = ID) -> ReceivedEvent:
    """What the service whose affair it is tells of the order."""
    group, _, name = type_.partition(".")
    entity: msgspec.Struct = Step(id_)
    if group == "payment":
        entity = Payment("p", id_, "ada", order().total)
    elif name == "submitted":
        entity = order(id_)
    subject = "p" if group == "payment" else id_
    event = Event(type_, subject, entity, partition_key=id_)
    return received(event, service=TELLERS.get(name, "payments"), timestamp=timestamp)


class Saga:
    """A process that runs the saga; ``restart`` is its end and a new one."""

    def __init__(self, url: str, clock: TestClock) -> None:
        self.url = url
        self.clock = clock

    async def start(self) -> Saga:
        self.store = await EntityStore.open(self.url, service="fulfilment", migrations=MIGRATIONS, clock=self.clock)
        self.listener, self.agenda, self.parts = Listener(), Agenda(jitter=lambda: 1.0), Parts()
        self.parts.add(self.store)
        create_saga(self.listener, self.agenda, accept_within_ms=WITHIN_MS)
        return self

    async def stop(self) -> None:
        await self.store.close()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def hear(self, *types: str, id_: str = ID) -> None:
        for type_ in types:
            self.clock.milliseconds += 1
            await self.take(fact(type_, self.clock(), id_=id_))

    async def take(self, event: ReceivedEvent) -> None:
        await self.listener.handle(self.store, event)

    async def wait(self, milliseconds: int) -> None:
        self.clock.milliseconds += milliseconds
        await self.agenda.run_due(self.parts)

    async def told(self) -> list[str]:
        """The types of what it told, in order."""
        return [event.type for event in await self.events()]

    async def events(self) -> list[ReceivedEvent]:
        rows = await self.store.database.read("SELECT envelope FROM outbox ORDER BY seq")
        return [ReceivedEvent.read(str(row[0])) for row in rows]

    async def data(self, type_: str) -> Any:
        [event] = [event for event in await self.events() if event.type == type_]
        return msgspec.json.decode(event.data)

    async def ends(self) -> list[str | None]:
        """The reasons of all ends that were told; None is a completed order."""
        ends = [one for one in await self.events() if one.type in {"order.completed", "order.cancelled"}]
        return [event.entity(FinishedOrder).reason for event in ends]

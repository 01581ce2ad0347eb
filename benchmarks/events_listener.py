"""A service of its own process: takes events into a view, and says on its standard output when and how late."""

from __future__ import annotations

import asyncio
import sys
import time

import msgspec

from portico.bff import EntityStore, EntityType, Listener, NatsHub, ReceivedEvent, UnitOfWork
from portico.bff.entity import Reach
from portico.bff.intake import Intake
from portico.bff.metrics import Meters, RuleMeter
from portico.bff.rule import Rule


class Item(msgspec.Struct, frozen=True):
    """What the events carry: an entity of an ordinary size."""

    number: int
    name: str
    text: str


class Report(msgspec.Struct):
    """When the last event was in the view, in seconds since the epoch, how old events were by then, and the CPU time of
    all of this process's threads meanwhile, in seconds."""

    ended: float
    ages: list[float]
    cpu: float


ITEM = EntityType("item", Item, reach=Reach.EVERYONE)


def listening(batch: int) -> Listener:
    """One rule that folds the whole entity into a row."""
    listener = Listener()

    @listener.on("item.changed", id="view", batch=batch)
    async def view(event: ReceivedEvent, uow: UnitOfWork) -> None:
        await uow.fold(ITEM, event.subject, event.entity(Item))

    return listener


class Counting(Meters):
    """Knows when everything was taken."""

    def __init__(self, wanted: int) -> None:
        super().__init__("bench")
        self.wanted = wanted
        self.ages: list[float] = []
        self.done = asyncio.Event()

    def of(self, rule: Rule) -> RuleMeter:
        """See ``Meters.of``."""
        return CountingRule(self, ("bench", rule.id))


class CountingRule(RuleMeter):
    """Counts down."""

    def __init__(self, meters: Counting, labels: tuple[str, str]) -> None:
        super().__init__(meters, labels)
        self._meters = meters

    def took(self, count: int, *, seconds: float, age: float) -> None:
        """See ``RuleMeter.took``."""
        super().took(count, seconds=seconds, age=age)
        self._meters.ages.append(age)
        self._meters.wanted -= count
        if self._meters.wanted <= 0:
            self._meters.done.set()


async def main(url: str, service: str, hub_url: str, wanted: int, batch: int) -> None:
    """Listen until so many events were taken."""
    store, hub, meters = await EntityStore.open(url, service=service), NatsHub(hub_url), Counting(wanted)
    intake = Intake(listening(batch), store, hub, meters=meters)
    intake.start()
    print("ready", flush=True)
    used = time.process_time()
    await meters.done.wait()
    report = Report(time.time(), meters.ages, time.process_time() - used)
    await intake.stop()
    await hub.close()
    await store.close()
    print(msgspec.json.encode(report).decode(), flush=True)


if __name__ == "__main__":
    where, name, hub_at, count, size = sys.argv[1:]
    asyncio.run(main(where, name, hub_at, int(count), int(size)))

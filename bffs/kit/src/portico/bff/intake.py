"""The listener at work: from the hub through the rules into the store, in order per partition."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import msgspec

from portico.bff import faults
from portico.bff.deliveries import Arrival, Consumer
from portico.bff.errors import EnvelopeRefused, HubUnavailable
from portico.bff.events import PARTITIONS
from portico.bff.hub import Hub
from portico.bff.listener import Listener
from portico.bff.metrics import Meters
from portico.bff.pace import Pace
from portico.bff.patterns import covering
from portico.bff.places import Place
from portico.bff.received_event import ReceivedEvent
from portico.bff.store import EntityStore
from portico.bff.taking import taken_of
from portico.bff.worker import Worker, keep_fault
from portico.cancellation import heed_cancellation
from portico.sql import StoreUnavailable

_log = logging.getLogger("portico.bff.listener")

_MOST: Final = 512  # messages that are asked for ahead
_SLOWEST: Final = 5.0  # seconds; the longest pause of the backoff


class Intake:
    """Runs a listener's rules over the hub's events. ``start`` and ``stop`` are idempotent.

    One task per partition goes through the stream in its order: events of one partition key never overtake each other,
    whatever fails and however many processes share the work. It goes on behind an event after the commit of every
    rule's effect with its inbox row. ``lease`` is in seconds: so long the partition of a process that died waits.
    """

    def __init__(
        self,
        listener: Listener,
        store: EntityStore,
        hub: Hub,
        *,
        lease: float = 5.0,
        meters: Meters | None = None,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._listener = listener
        self._store = store
        self._hub = hub
        self._lease = lease
        self._meters = meters or Meters(store.origin.service)
        self._jitter = jitter
        self._sleep = sleep
        self._tasks: list[asyncio.Task[None]] = []
        self._places: list[Place] = []
        self._workers = [
            Worker(
                rule,
                store,
                self._meters.of(rule),
                pause=self._pause,
                pace=None if rule.rate is None else Pace(rule.rate, sleep),
            )
            for rule in listener.rules
        ]

    def start(self) -> None:
        """Begin to read."""
        if not self._tasks and self._listener.rules:
            every = consumers(self._listener, self._store.origin.service)
            self._places = [Place(self._store, consumer.name, self._lease) for consumer in every]
            self._tasks = [
                asyncio.create_task(self._run(partition, consumer, place), name=f"portico-listener-{consumer.name}")
                for partition, (consumer, place) in enumerate(zip(every, self._places, strict=True))
            ]

    async def stop(self) -> None:
        """End; what was not committed is read again, by this process or another."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def tell_places(self) -> None:
        """Tell the hub how far this service has read it. Raises ``HubUnavailable`` and what the store raises."""
        every = consumers(self._listener, self._store.origin.service)
        for place in self._places:
            await place.keep()
        places = [(one, await Place(self._store, one.name, 0).find()) for one in every]
        if self._listener.rules:
            # Under the service's own name, so that a hub can let each tell of itself alone.
            digest = every[0].name.split("-")[-2]
            await self._hub.tell_places(f"{self._store.origin.service}.{digest}", places)

    async def _run(self, partition: int, consumer: Consumer, place: Place) -> None:
        trouble = _Trouble(consumer.name)
        async with self._left(place):
            while True:
                heed_cancellation()
                try:
                    await self._read(partition, consumer, place, trouble)
                except Exception as error:  # noqa: BLE001 (whatever it was, events must flow again)
                    await self._pause(trouble.met(error))

    async def _read(self, partition: int, consumer: Consumer, place: Place, trouble: _Trouble) -> None:
        """Read from the place on, until the hub fails or another has taken over."""
        reader = await self._hub.read(consumer, place.find)
        try:
            while await self._take(partition, await reader.next(_MOST), place, trouble):
                trouble.over()
        finally:
            await reader.close()

    async def _take(self, partition: int, arrived: Sequence[Arrival], place: Place, trouble: _Trouble) -> bool:
        """Deal with what came, however long the store is away; False when another goes on from elsewhere."""
        while True:
            heed_cancellation()
            try:
                if not await place.claim():
                    if await place.passed(arrived[-1]):
                        return True  # another has dealt with it
                    await self._sleep(self._lease / 4)
                    continue
                await self._deal(partition, arrived)
                return await place.dealt(arrived[-1], len(arrived))
            except Exception as error:  # noqa: BLE001 (as above)
                await self._pause(trouble.met(error))

    async def _deal(self, partition: int, arrived: Sequence[Arrival]) -> None:
        events = _once([event for one in arrived if (event := await self._event(one)) is not None])
        if not events:
            return
        age = (self._store.now() - events[-1].timestamp) / 1000
        self._meters.read(partition, age=age, pending=arrived[-1].pending)
        taken = await taken_of(self._store, [event.id for event in events])
        service = self._store.origin.service

        def fresh(worker: Worker, event: ReceivedEvent) -> bool:
            return worker.rule.wants(event, service) and (event.id, worker.rule.id) not in taken

        for event in events:
            for worker in self._workers:
                if worker.rule.batch == 1 and fresh(worker, event):
                    await worker.take([event])
        for worker in self._workers:
            if worker.rule.batch > 1:
                await worker.take([event for event in events if fresh(worker, event)])

    async def _event(self, arrival: Arrival) -> ReceivedEvent | None:
        try:
            return ReceivedEvent.arrived(arrival)
        except EnvelopeRefused as error:
            service, now = self._store.origin.service, self._store.now()
            await keep_fault(self._store, faults.unreadable(service, arrival, error, now))
            return None

    @contextlib.asynccontextmanager
    async def _left(self, place: Place) -> AsyncIterator[None]:
        """Let another process go on at once when this one ends."""
        try:
            yield
        finally:
            with contextlib.suppress(StoreUnavailable):
                await place.leave()

    async def _pause(self, failures: int) -> None:
        await self._sleep(min(_SLOWEST, 0.05 * 2 ** min(failures, 10)) * (0.5 + self._jitter() / 2))


class _Trouble:
    """How often something failed in a row; says so once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._failures = 0

    def met(self, error: Exception) -> int:
        """Count one more failure."""
        self._failures += 1
        expected = isinstance(error, (HubUnavailable, StoreUnavailable))
        level = logging.ERROR if not expected else logging.WARNING if self._failures == 1 else logging.DEBUG
        _log.log(level, "%s waits: %s", self._name, error, exc_info=error if not expected else None)
        return self._failures

    def over(self) -> None:
        """It went on."""
        if self._failures:
            _log.info("%s goes on", self._name)
        self._failures = 0


def _once(events: Sequence[ReceivedEvent]) -> Sequence[ReceivedEvent]:
    """Each event once, however often it came. Ids can be foretold: one from another source is another event."""
    found: dict[tuple[str, str], ReceivedEvent] = {}
    for event in events:
        found.setdefault((event.source, event.id), event)
    return list(found.values())


def consumers(listener: Listener, service: str) -> list[Consumer]:
    """The consumers of a service's rules, one per partition, named after the rules: others begin anew, with the inbox
    to tell what was taken, so that a new rule sees what was before it and a running older version is not disturbed."""
    rules = sorted((rule.id, rule.pattern) for rule in listener.rules)
    digest = hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:12]
    patterns = covering(rule.pattern for rule in listener.rules)
    return [
        Consumer(f"{service}-{digest}-{partition}", tuple(f"evt.*.*.{pattern}.{partition}" for pattern in patterns))
        for partition in range(PARTITIONS)
    ]

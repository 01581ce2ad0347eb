"""The listener at work: from the hub through the rules into the store, in order per partition."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import msgspec

from portico.bff import faults
from portico.bff.cancellation import ends_this_task, heed_cancellation
from portico.bff.deliveries import Consumer, Delivery
from portico.bff.errors import EnvelopeRefused, HubUnavailable
from portico.bff.events import PARTITIONS
from portico.bff.hub import Hub
from portico.bff.listener import Listener, Rule, take
from portico.bff.patterns import covering
from portico.bff.received_event import ReceivedEvent
from portico.bff.store import EntityStore
from portico.sql import StoreUnavailable

_log = logging.getLogger("portico.bff.listener")

TRIES: Final = 5
"""How often a rule may fail on an event before that is recorded as a fault."""

_SLOWEST: Final = 5.0  # seconds; the longest pause of the backoff


class Intake:
    """Runs a listener's rules over the hub's events. ``start`` and ``stop`` are idempotent.

    One durable consumer per partition, each with one message out at a time: events of one partition key never overtake
    each other, whatever fails and however many processes share the work. A message is settled after the commit of every
    rule's effect with its inbox row. ``ack_wait`` is in seconds: so long the partition of a process that died waits.
    """

    def __init__(
        self,
        listener: Listener,
        store: EntityStore,
        hub: Hub,
        *,
        ack_wait: float = 5.0,
        jitter: Callable[[], float] = random.random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._listener = listener
        self._store = store
        self._hub = hub
        self._ack_wait = ack_wait
        self._jitter = jitter
        self._sleep = sleep
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to read."""
        if not self._tasks and self._listener.rules:
            self._tasks = [
                asyncio.create_task(self._run(consumer), name=f"portico-listener-{consumer.name}")
                for consumer in consumers(self._listener, self._store.origin.service, self._ack_wait)
            ]

    async def stop(self) -> None:
        """End; what was not committed is handed out again, to this process or another."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, consumer: Consumer) -> None:
        failures = 0
        while True:
            heed_cancellation()
            try:
                await self._deal(await self._hub.receive(consumer))
            except Exception as error:  # noqa: BLE001 (whatever it was, events must flow again)
                failures += 1
                expected = isinstance(error, (HubUnavailable, StoreUnavailable))
                level = logging.ERROR if not expected else logging.WARNING if failures == 1 else logging.DEBUG
                _log.log(level, "%s waits: %s", consumer.name, error, exc_info=not expected)
                await self._pause(failures)
                continue
            if failures:
                _log.info("%s goes on", consumer.name)
            failures = 0

    async def _deal(self, delivery: Delivery) -> None:
        """Take a message through its rules and settle it; give it back when the infrastructure fails."""
        try:
            async with self._kept(delivery):
                await self._take(delivery)
        except BaseException:
            await delivery.release()
            raise
        await delivery.settle()

    async def _take(self, delivery: Delivery) -> None:
        service = self._store.origin.service
        try:
            event = ReceivedEvent.read(delivery.body.decode())
            event.check_subject(delivery.subject)
        except (EnvelopeRefused, UnicodeDecodeError) as error:
            body = delivery.body.decode(errors="replace")
            await self._keep_fault(faults.unreadable(service, delivery.id, body, error, self._store.now()))
            return
        for rule in self._listener.rules:
            if rule.wants(event, service):
                await self._try(rule, event)

    async def _try(self, rule: Rule, event: ReceivedEvent) -> None:
        """Run a rule until it succeeds or has had its tries; then the event is a fault, and the partition goes on.

        Raises ``StoreUnavailable``: that is not the event's doing, and another would fare no better.
        """
        for attempt in range(1, TRIES + 1):
            try:
                await take(rule, self._store, event)
            except StoreUnavailable:
                raise
            except (Exception, asyncio.CancelledError) as error:  # a rule may raise anything; all becomes a fault
                if isinstance(error, asyncio.CancelledError) and ends_this_task():
                    raise
                _log.debug("rule %s, event %s, try %d: %r", rule.id, event.id, attempt, error)
                if attempt == TRIES:
                    service, now = self._store.origin.service, self._store.now()
                    await self._keep_fault(faults.fault_of(service, rule.id, event, error, now))
                    return
                await self._pause(attempt)
            else:
                return

    async def _keep_fault(self, fault: faults.Fault) -> None:
        await faults.record(self._store, fault)
        _log.error(
            "fault %s: rule %r failed on event %s (%s): %s: %s",
            fault.id,
            fault.rule,
            fault.event_id,
            fault.event_type,
            fault.error,
            fault.message,
        )

    @contextlib.asynccontextmanager
    async def _kept(self, delivery: Delivery) -> AsyncIterator[None]:
        """Keep a message from being handed to another while it takes its time."""
        keeping = asyncio.create_task(self._keep(delivery))
        try:
            yield
        finally:
            keeping.cancel()

    async def _keep(self, delivery: Delivery) -> None:
        while True:
            await asyncio.sleep(self._ack_wait / 3)
            await delivery.keep()

    async def _pause(self, failures: int) -> None:
        await self._sleep(min(_SLOWEST, 0.05 * 2 ** min(failures, 10)) * (0.5 + self._jitter() / 2))


def consumers(listener: Listener, service: str, ack_wait: float) -> list[Consumer]:
    """The consumers of a service's rules, one per partition, named after the rules: others begin anew, with the inbox
    to tell what was taken, so that a new rule sees what was before it and a running older version is not disturbed."""
    rules = sorted((rule.id, rule.pattern) for rule in listener.rules)
    digest = hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:12]
    patterns = covering(rule.pattern for rule in listener.rules)
    return [
        Consumer(
            f"{service}-{digest}-{partition}",
            tuple(f"evt.*.*.{pattern}.{partition}" for pattern in patterns),
            ack_wait,
        )
        for partition in range(PARTITIONS)
    ]

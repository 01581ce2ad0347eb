"""What a service does with events, in numbers, per rule; as Prometheus reads them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from portico.bff.rule import Rule

_log = logging.getLogger("portico.bff.metrics")

Probe = Callable[[], Awaitable[None]]
"""Measures something, and tells a meter."""

_STATES: Final = ("closed", "half-open", "open")
_PATIENCE: Final = 2.0  # seconds for one probe
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Meters:
    """The meters of one service, in a registry of their own: several services may share a process."""

    def __init__(self, service: str) -> None:
        self._registry = CollectorRegistry()
        self._service = service
        rule, partition, registry = ("service", "rule"), ("service", "partition"), self._registry
        self.taken = Counter("portico_events_taken", "Events taken by a rule", rule, registry=registry)
        self.errors = Counter("portico_event_errors", "Tries of a rule that failed", rule, registry=registry)
        self.faults = Counter("portico_event_faults", "Events that became faults", rule, registry=registry)
        self.retries = Counter("portico_event_retries", "Tries after a failed one", rule, registry=registry)
        self.seconds = Histogram(
            "portico_event_seconds", "From a rule's begin to its commit", rule, buckets=_SECONDS, registry=registry
        )
        self.age = Histogram(
            "portico_event_age_seconds", "From an event to its effect", rule, buckets=_SECONDS, registry=registry
        )
        self.batch = Histogram(
            "portico_event_batch_size", "Events that shared a commit", rule, buckets=_SIZES, registry=registry
        )
        self._lag = Gauge("portico_events_behind", "Events that wait in the hub", partition, registry=registry)
        self._iterator = Gauge(
            "portico_iterator_age_seconds", "Age of the last event read", partition, registry=registry
        )
        self._circuits = Gauge(
            "portico_circuit_state", "0: closed, 1: half-open, 2: open", ("service", "circuit"), registry=registry
        )
        kind = ("service", "kind")
        self._entries = Gauge("portico_agenda_entries", "What is planned", kind, registry=registry)
        self._oldest = Gauge(
            "portico_agenda_oldest_seconds", "Since when the first of it is due", kind, registry=registry
        )
        self._lake = Gauge(
            "portico_lake_behind", "Messages of the hub that the lake does not have", ("service",), registry=registry
        )
        self._probes: list[Probe] = []
        self._published = Counter("portico_events_published", "Rows of the outbox", ("service",), registry=registry)
        self._unpublished = Counter(
            "portico_publication_errors", "Passes of the trigger that failed", ("service",), registry=registry
        )

    def of(self, rule: Rule) -> RuleMeter:
        """One rule's."""
        return RuleMeter(self, (self._service, rule.id))

    def read(self, partition: int, *, age: float, pending: int) -> None:
        """A partition was read: its newest event is ``age`` seconds old, and ``pending`` more are in the hub."""
        self._iterator.labels(self._service, partition).set(age)
        self._lag.labels(self._service, partition).set(pending)

    def published(self, count: int) -> None:
        """The trigger brought rows to the hub."""
        self._published.labels(self._service).inc(count)

    def not_published(self) -> None:
        """The trigger did not."""
        self._unpublished.labels(self._service).inc()

    def circuit(self, name: str, state: Callable[[], str]) -> None:
        """Show the state of a circuit breaker: ``closed``, ``half-open`` or ``open``."""
        self._circuits.labels(self._service, name).set_function(lambda: _STATES.index(state()))

    def agenda(self, kinds: Mapping[str, tuple[int, float]]) -> None:
        """Of each kind, how many entries there are, and since how many seconds the first is due (less than 0: in)."""
        for gauge, of in ((self._entries, 0), (self._oldest, 1)):
            gauge.clear()
            for kind, told in kinds.items():
                gauge.labels(self._service, kind).set(told[of])

    def lake(self, behind: int | None) -> None:
        """How many messages of the hub the lake does not have yet; None: there is no lake."""
        self._lake.clear()
        if behind is not None:
            self._lake.labels(self._service).set(behind)

    def watch(self, probe: Probe) -> None:
        """Have ``probe`` measure whenever somebody looks."""
        self._probes.append(probe)

    async def look(self) -> None:
        """Measure what is measured only when it is looked at. What cannot be measured just now is not there."""
        for probe in self._probes:
            try:
                async with asyncio.timeout(_PATIENCE):
                    await probe()
            except Exception as error:  # noqa: BLE001 (a store or a hub that is away must not hide all the rest)
                _log.debug("not measured: %s", error)

    def text(self) -> bytes:
        """Everything, in the text format of Prometheus."""
        return generate_latest(self._registry)


class RuleMeter:
    """Counts what one rule does."""

    def __init__(self, meters: Meters, labels: tuple[str, str]) -> None:
        self._taken = meters.taken.labels(*labels)
        self._errors = meters.errors.labels(*labels)
        self._faults = meters.faults.labels(*labels)
        self._retries = meters.retries.labels(*labels)
        self._seconds = meters.seconds.labels(*labels)
        self._age = meters.age.labels(*labels)
        self._batch = meters.batch.labels(*labels)

    def took(self, count: int, *, seconds: float, age: float) -> None:
        """Events were committed together; ``age`` is the oldest one's."""
        self._taken.inc(count)
        self._batch.observe(count)
        self._seconds.observe(seconds)
        self._age.observe(max(0.0, age))

    def failed(self) -> None:
        """A try failed."""
        self._errors.inc()

    def retried(self) -> None:
        """It is tried again."""
        self._retries.inc()

    def gave_up(self) -> None:
        """An event is a fault now."""
        self._faults.inc()

"""A service's store and all that runs beside it, opened and closed together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Final

from portico.bff.errors import HubUnavailable
from portico.bff.hub import Hub, NatsHub
from portico.bff.intake import Intake
from portico.bff.lake_sweep import LakeSweep
from portico.bff.listener import Listener
from portico.bff.metrics import Meters
from portico.bff.store import EntityStore
from portico.bff.trigger import Trigger
from portico.cancellation import heed_cancellation
from portico.sql import Migration, SqlError

_log = logging.getLogger("portico.bff.store")
_DAY_MS: Final = 24 * 3600 * 1000
_SWEEP: Final = 3600.0  # seconds between sweeps
_SOON: Final = 30.0  # seconds


@contextlib.asynccontextmanager
async def running_store(
    url: str,
    *,
    service: str,
    region: str = "local",
    migrations: Sequence[Migration] = (),
    nats_url: str | None = None,
    hub: Hub | None = None,
    listener: Listener | None = None,
    audit_days: int = 0,
    meters: Meters | None = None,
) -> AsyncIterator[EntityStore]:
    """Open the store at ``url`` for as long as the block runs, with its trigger, its ``listener`` and an hourly sweep.

    Without a hub (``hub``, or ``nats_url`` that is not empty) events stay in the outbox until there is one, and none
    come. The hub need not answer yet. The audit is kept for ``audit_days`` (30 or more; 0: for
    ever), ``meters`` count what becomes of events. For an application's lifespan. Raises what ``EntityStore.open``
    raises.
    """
    store = await EntityStore.open(url, service=service, region=region, migrations=migrations)
    if hub is None and nats_url:
        hub = NatsHub(nats_url, name=service)
    meters = meters or Meters(service)
    trigger = Trigger(store, hub, meters=meters) if hub is not None else None
    intake = Intake(listener, store, hub, meters=meters) if hub is not None and listener is not None else None
    sweep = LakeSweep(store, hub) if hub is not None else None
    sweeping = asyncio.create_task(_sweep(store, audit_days, sweep), name="portico-sweep")
    telling = asyncio.create_task(_tell(intake), name="portico-places")
    try:
        if trigger is not None:
            trigger.start()
        if intake is not None:
            intake.start()
        yield store
    finally:
        for task in (sweeping, telling):
            task.cancel()
        await asyncio.gather(sweeping, telling, return_exceptions=True)
        if intake is not None:
            await intake.stop()
        if trigger is not None:
            await trigger.stop()
        if hub is not None:
            await hub.close()
        await store.close()


async def _sweep(store: EntityStore, audit_days: int, lake: LakeSweep | None) -> None:
    while True:
        try:
            await store.sweep()
            if audit_days:
                await store.audit.forget(now=store.now(), keep_ms=audit_days * _DAY_MS)
            if lake is not None:
                await lake.look()
        except (SqlError, HubUnavailable) as error:
            _log.warning("sweep put off: %s", error)
        heed_cancellation()
        await asyncio.sleep(_SWEEP)


async def _tell(intake: Intake | None) -> None:
    """Tell the hub where this service's places are: at once, then every hour; again soon while the hub is away."""
    while intake is not None:
        pause = _SWEEP
        try:
            await intake.tell_places()
        except (SqlError, HubUnavailable) as error:
            _log.debug("places not told: %s", error)
            pause = _SOON
        heed_cancellation()
        await asyncio.sleep(pause)

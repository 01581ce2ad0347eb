"""A service's store and all that runs beside it, opened and closed together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Final

from portico.bff.hub import Hub, NatsHub
from portico.bff.intake import Intake
from portico.bff.listener import Listener
from portico.bff.store import EntityStore
from portico.bff.trigger import Trigger
from portico.sql import Migration, SqlError

_log = logging.getLogger("portico.bff.store")
_DAY_MS: Final = 24 * 3600 * 1000
_SWEEP: Final = 3600.0  # seconds between sweeps


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
) -> AsyncIterator[EntityStore]:
    """Open the store at ``url`` for as long as the block runs, with its trigger, its ``listener`` and an hourly sweep.

    Without a hub (``hub``, or ``nats_url`` that is not empty) events stay in the outbox until there is one, and none
    come. The hub need not answer yet. The audit is kept for ``audit_days`` (30 or more; 0: for
    ever). For an application's lifespan. Raises what ``EntityStore.open`` raises.
    """
    store = await EntityStore.open(url, service=service, region=region, migrations=migrations)
    if hub is None and nats_url:
        hub = NatsHub(nats_url, name=service)
    trigger = Trigger(store, hub) if hub is not None else None
    intake = Intake(listener, store, hub) if hub is not None and listener is not None else None
    sweeping = asyncio.create_task(_sweep(store, audit_days), name="portico-sweep")
    try:
        if trigger is not None:
            trigger.start()
        if intake is not None:
            intake.start()
        yield store
    finally:
        sweeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeping
        if intake is not None:
            await intake.stop()
        if trigger is not None:
            await trigger.stop()
        if hub is not None:
            await hub.close()
        await store.close()


async def _sweep(store: EntityStore, audit_days: int) -> None:
    while True:
        try:
            await store.sweep()
            if audit_days:
                await store.audit.forget(now=store.now(), keep_ms=audit_days * _DAY_MS)
        except SqlError as error:
            _log.warning("sweep put off: %s", error)
        await asyncio.sleep(_SWEEP)

"""Builds projections anew that an operator asked for; a part of every service that declares one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

from portico.bff.config import LakeSettings
from portico.bff.deliveries import Consumer, Position
from portico.bff.errors import DeclarationError, HubUnavailable
from portico.bff.hub import Hub
from portico.bff.ids import new_id
from portico.bff.intake import consumers
from portico.bff.lake_past import LakeSource, lake_source, past_of_lake
from portico.bff.listener import Listener, Projection
from portico.bff.projection import Past, Rebuild, past_of
from portico.bff.rebuild import discard
from portico.bff.rebuild_log import LEASE_MS, Building, RebuildLog, Source
from portico.bff.received_event import ReceivedEvent
from portico.bff.store import EntityStore
from portico.cancellation import heed_cancellation
from portico.lake.errors import LakeError
from portico.sql import ExpectationFailed, SqlError, Statement, StoreUnavailable

_log = logging.getLogger("portico.bff.rebuild")

_POLL: Final = 2.0  # seconds; when another process dies, this one goes on so much after its lease


class NoSource(Exception):
    """There is nothing to build from; says why."""


class Rebuilder:
    """Works at the service's rebuilds, one after the other, for as long as the application runs.

    ``start`` and ``stop`` are idempotent. What was begun goes on after a restart, in whichever process comes first.
    """

    def __init__(self, listener: Listener, store: EntityStore, hub: Hub | None, lake: LakeSource | None) -> None:
        self.log = RebuildLog(store, new_id())
        self._listener = listener
        self._store = store
        self._hub = hub
        self._lake = lake
        self._asked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def source(self, wanted: Source | None) -> Source:
        """What to build from: the lake where there is one. Raises ``NoSource``."""
        if self._hub is None:
            raise NoSource("This service has no hub: set NATS_URL.")
        if wanted == "lake" and self._lake is None:
            raise NoSource("This service knows no lake: set PORTICO_LAKE and PORTICO_LAKE_KEYS, or build from the hub.")
        return wanted or ("lake" if self._lake is not None else "hub")

    def start(self) -> None:
        """Begin to work."""
        if self._task is None and self._listener.projections:
            self._task = asyncio.create_task(self._forever(), name="portico-rebuilder")

    async def stop(self) -> None:
        """End, in the middle of whatever it does: it goes on from there."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            with contextlib.suppress(SqlError):
                await self.log.leave()

    def wake(self) -> None:
        """There is something to do."""
        self._asked.set()

    async def _forever(self) -> None:
        while True:
            self._asked.clear()
            try:
                while (building := await self.log.claim()) is not None:
                    await self._work_at(building)
                    heed_cancellation()
            except Exception as error:  # noqa: BLE001 (whatever it was, it is tried again)
                _log.warning("a rebuild waits: %s", error)
            heed_cancellation()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_POLL):
                    await self._asked.wait()

    async def _work_at(self, building: Building) -> None:
        projection = self._listener.projections.get(building.projection)
        if building.state != "running":
            if building.state == "swapped" and projection is not None and not await self._finish(building, projection):
                return
            await self._clean(building, projection)
            await self.log.end(building)
            _log.info("rebuild %s of %s is over", building.id, building.projection)
            return
        try:
            if projection is None:
                raise DeclarationError(f"there is no projection {building.projection!r} any more")
            await self._rebuild(building, projection, Rebuild.build)
        except (StoreUnavailable, HubUnavailable, LakeError) as error:
            await self.log.waits(building.id, str(error))
            raise
        except (_Stopped, ExpectationFailed):
            _log.info("rebuild %s of %s was stopped", building.id, building.projection)
        except Exception as error:  # noqa: BLE001 (a rule or a past may raise anything)
            _log.exception("rebuild %s of %s failed", building.id, building.projection)
            await self.log.give_up(building.id, f"{type(error).__name__}: {error}")

    async def _finish(self, building: Building, projection: Projection) -> bool:
        """Take what came before the swap, also where another died behind it; False: it is another's to do."""
        try:
            await self._rebuild(building, projection, Rebuild.finish)
        except (StoreUnavailable, HubUnavailable, LakeError):
            raise
        except _Stopped:
            return False
        except Exception:  # noqa: BLE001 (it would be so the next time, too)
            _log.exception("rebuild %s of %s cannot take what came before its swap", building.id, building.projection)
        return True

    async def _rebuild(
        self, building: Building, projection: Projection, part: Callable[[Rebuild, Past], Awaitable[None]]
    ) -> None:
        if self._hub is None:
            raise HubUnavailable("this service has no hub")
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(self._held(building))
            past = past_of(self._hub)
            if building.source == "lake":
                if self._lake is None:
                    raise NoSource("this service knows no lake any more")
                past = past_of_lake(*await stack.enter_async_context(self._lake()), then=past)
            rebuild = Rebuild(
                self._listener, self._store, building.id, rules=projection.rules, kinds=projection.kinds,
                with_swap=lambda: [self.log.swapping(building.id)],
            )  # fmt: skip
            await part(rebuild, self._counted(building, past))

    @contextlib.asynccontextmanager
    async def _held(self, building: Building) -> AsyncIterator[None]:
        """Others leave it alone meanwhile, however long a portion takes."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(LEASE_MS / 4000)
                with contextlib.suppress(SqlError):
                    await self.log.renew(building.id)

        renewing = asyncio.create_task(renew(), name="portico-rebuild-lease")
        try:
            yield
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    def _counted(self, building: Building, past: Past) -> Past:
        """The past, which ends where the rebuild is no longer this process's to do."""

        async def counted(
            consumer: Consumer, after: Position
        ) -> AsyncIterator[tuple[Position, Sequence[ReceivedEvent]]]:
            async for position, events in past(consumer, after):
                yield position, events
                if not await self.log.went_on(building.id, len(events)):
                    raise _Stopped

        return counted

    async def _clean(self, building: Building, projection: Projection | None) -> None:
        """Remove what it left beside the live rows."""
        if projection is not None and building.state == "cancelling":
            await discard(self._store, building.id, projection.kinds)
        rules = () if projection is None else projection.rules
        ids = [f"{rule}~{building.id}" for rule in rules]
        group = [Statement(f"DELETE FROM {table} WHERE rule = $1", (id_,)) for table in _BY_RULE for id_ in ids]  # noqa: S608
        group += [
            Statement("DELETE FROM places WHERE consumer = $1", (f"{consumer.name}~{building.id}",))
            for consumer in consumers(self._listener, self._store.origin.service)
        ]
        await self._store.database.write(group)


_BY_RULE: Final = ("inbox", "faults")


@contextlib.asynccontextmanager
async def rebuilding(
    listener: Listener, store: EntityStore, hub: Hub | None, lake: LakeSettings | None
) -> AsyncIterator[Rebuilder]:
    """A rebuilder that works for as long as the block runs."""
    rebuilder = Rebuilder(listener, store, hub, None if lake is None else lake_source(lake))
    rebuilder.start()
    try:
        yield rebuilder
    finally:
        await rebuilder.stop()


class _Stopped(Exception):
    """It was cancelled, or another process works at it."""

"""The entity store of a service: where units of work begin, and what outlives them."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, Self

from portico.audit import Trail
from portico.bff.access import Access
from portico.bff.cause import Cause
from portico.bff.claims import Claims
from portico.bff.commit_group import Means
from portico.bff.engine import Engine, PostgresEngine, SqliteEngine
from portico.bff.entity import EntityType
from portico.bff.errors import DeclarationError
from portico.bff.events import Origin
from portico.bff.feeds import TOLD_MS
from portico.bff.idempotency_record import RETENTION_MS
from portico.bff.ids import Clock, system_clock
from portico.bff.lanes import sweep_statement
from portico.bff.rebuild import RebuildingUnitOfWork
from portico.bff.schema import STORE_MIGRATIONS
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import Database, Migration, Statement
from portico.sql.url import is_postgres

_log = logging.getLogger("portico.bff.store")
_CHUNK: Final = 500


class EntityStore:
    """The rows, events, answers and audit of one service, in one database.

    ``service`` and ``region`` name it in events. Make it with ``open``; ``close`` finishes pending commits.
    """

    def __init__(
        self,
        database: Database,
        *,
        service: str,
        region: str = "local",
        clock: Clock = system_clock,
        engine: Engine | None = None,
    ) -> None:
        self.database = database
        self.engine = engine or SqliteEngine()
        self.audit = Trail(database)
        self.origin = Origin(service, region)
        self._clock = clock
        self._watchers: list[Callable[[], None]] = []
        self._means = Means(database, self.origin, self.engine, clock, self.audit, self._committed)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        service: str,
        region: str = "local",
        migrations: Sequence[Migration] = (),
        clock: Clock = system_clock,
    ) -> Self:
        """Open the database at ``url`` with the store's tables, and then the service's own ``migrations``.

        Raises what ``portico.sql.open_database`` raises, ``DeclarationError`` for a name unfit for events, and
        ``SettingsError`` for a PostgreSQL role that row-level security does not bind.
        """
        Origin(service, region)  # refuse a name before anything is open
        engine: Engine = PostgresEngine() if is_postgres(url) else SqliteEngine()
        database = await engine.open(url, (*STORE_MIGRATIONS, *migrations))
        return cls(database, service=service, region=region, clock=clock, engine=engine)

    def now(self) -> int:
        """The store's time, in milliseconds since the epoch."""
        return self._clock()

    def unit_of_work(
        self, claims: Claims | None, *, command: str | None = None, traceparent: str | None = None
    ) -> UnitOfWork:
        """Begin a unit of work with a person's authority; None is an anonymous visitor, who sees ``EVERYONE``'s rows.

        ``command`` is the idempotency key, from which the ids of its events follow; ``traceparent`` (W3C) travels with
        them.
        """
        return UnitOfWork(self._means, Access.of(claims), command=command, traceparent=traceparent)

    def system_unit_of_work(self, reason: str, *, traceparent: str | None = None) -> UnitOfWork:
        """Begin a unit of work that reaches every row, on nobody's claims; the audit keeps the ``reason``."""
        return UnitOfWork(self._means, Access.system(reason), traceparent=traceparent)

    def system_database(self, reason: str) -> Database:
        """The database with the system's authority, for SQL of one's own; without, PostgreSQL shows no entities."""
        return self.engine.seen_by(self.database, Access.system(reason))

    def caused_unit_of_work(self, *causes: Cause) -> UnitOfWork:
        """Begin a listener's unit of work: it reaches every row, and commits at most once for its event and rule.

        Of a batch of events for one rule it begins with the first; ``turn_to`` goes on to each of the others. All of
        them are committed together, or none.
        """
        return UnitOfWork(self._means, _of_rule(causes), traceparent=causes[0].event.traceparent, causes=causes)

    def rebuilding_unit_of_work(
        self, generation: str, kinds: Collection[EntityType[Any]], *causes: Cause
    ) -> RebuildingUnitOfWork:
        """Begin the same for a rule whose rows of ``kinds`` are built anew beside the live ones.

        Give it a rule id of its own, so that the inbox takes the events once more; ``rebuild.swap`` ends it.
        """
        return RebuildingUnitOfWork(self._means, _of_rule(causes), causes, generation, kinds)

    def on_events(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call ``watcher`` after every commit that left events in the outbox; returns what ends that."""
        self._watchers.append(watcher)

        def leave() -> None:
            with contextlib.suppress(ValueError):
                self._watchers.remove(watcher)

        return leave

    def announce(self) -> None:
        """Tell who watches that there is something in the outbox."""
        self._committed()

    async def sweep(self) -> int:
        """Remove what has had its time; return how many: answers after 30 days, tombstones and rows past their ``ttl``,
        messages a week after they reached their feed (events are kept).

        Short transactions of 500 rows, so that commands go on meanwhile.
        """
        now = self._clock()
        removed = await self._sweep_chunks(
            Statement(
                "DELETE FROM idempotency WHERE (sub, key) IN"
                " (SELECT sub, key FROM idempotency WHERE created_at < $1 LIMIT $2) RETURNING 1",
                (now - RETENTION_MS, _CHUNK),
            )
        )
        told = "SELECT seq FROM outbox WHERE target IS NOT NULL AND published_at < $1 LIMIT $2"
        removed += await self._sweep_chunks(
            Statement(f"DELETE FROM outbox WHERE seq IN ({told}) RETURNING 1", (now - TOLD_MS, _CHUNK))  # noqa: S608
        )
        removed += await self._sweep_chunks(sweep_statement(now, _CHUNK))
        ended = "(SELECT pk, sk FROM entities WHERE ttl <= $1 ORDER BY ttl, pk, sk LIMIT $2)"
        removed += await self._sweep_chunks(
            Statement(f"DELETE FROM search_documents WHERE (pk, sk) IN {ended}", (now // 1000, _CHUNK)),  # noqa: S608
            Statement(f"DELETE FROM entities WHERE (pk, sk) IN {ended} RETURNING 1", (now // 1000, _CHUNK)),  # noqa: S608
        )
        return removed

    async def close(self) -> None:
        """Finish pending commits and close the database."""
        await self.database.close()

    async def _sweep_chunks(self, *statements: Statement) -> int:
        removed = 0
        while True:
            rows = (await self.system_database("sweep").write(statements))[-1]
            removed += len(rows)
            if len(rows) < _CHUNK:
                return removed

    def _committed(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()


def _of_rule(causes: Sequence[Cause]) -> Access:
    if len({cause.rule for cause in causes}) != 1:
        raise DeclarationError("a unit of work is of one rule, and of an event at least")
    return Access.system(f"rule {causes[0].rule}")

"""From what a unit of work gathered to the one write group that applies it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from portico.audit import Entry, Trail
from portico.bff import changes, outbox
from portico.bff.access import Access
from portico.bff.cause import INBOX, Cause
from portico.bff.changes import Change, audit_entry
from portico.bff.engine import Engine
from portico.bff.events import Occasion, Origin, stamp_of
from portico.bff.ids import Clock, born_at, new_id
from portico.bff.outbox import Outbox
from portico.sql import Database, Statement, insertions


@dataclass(frozen=True, slots=True)
class Means:
    """What a store lends to its units of work."""

    database: Database
    origin: Origin
    engine: Engine
    clock: Clock
    audit: Trail
    committed: Callable[[], None]
    """Called after each commit that left something in the outbox."""


@dataclass(slots=True)
class Moment:
    """When and as what a commit happens."""

    access: Access
    region: str
    command: str | None = None
    traceparent: str | None = None
    commit: str = ""  # made when something is written: most units of work only read

    def occasion(self, now: int, gathered: Iterable[Change], causes: Sequence[Cause], *, born: bool) -> Occasion:
        """The occasion of a commit. Time never runs backwards for a row, whatever the clock does."""
        commit = self.commit = self.commit or new_id()
        timestamp = max(
            now,
            max((change.base.timestamp + 1 for change in gathered), default=0),
            max((cause.event.timestamp + 1 for cause in causes), default=0),
        )
        if causes:
            return causes[0].occasion(timestamp, commit, self.access.actor)
        if self.command is not None and self.access.sub is not None:
            seed: tuple[str, ...] = ("command", self.access.sub, self.command)
        else:
            seed = ("commit", self.region, commit)
        # A key that is no UUIDv7 has no time, and the ids that follow from it no order.
        at = (born_at(seed[2]) or 0) if born else 0
        stamp = stamp_of(timestamp, commit)
        return Occasion(timestamp, stamp, seed, at, self.access.actor, self.command or commit, self.traceparent)

    def of(self, cause: Cause | None, occasion: Occasion) -> Occasion:
        """The occasion of what one event of a batch emits; later ones have later stamps."""
        if cause is None or cause.event.id == occasion.causation_id:
            return occasion
        return cause.occasion(occasion.timestamp, new_id(), self.access.actor)


@dataclass(slots=True)
class CommitGroup:
    """The statements of one commit, and ``places``: which rows' changes are in which of them."""

    statements: list[Statement] = field(default_factory=list)
    places: dict[int, tuple[Change, ...]] = field(default_factory=dict)

    @property
    def changed(self) -> tuple[Change, ...]:
        """All changes of rows."""
        return tuple(change for part in self.places.values() for change in part)

    def take(self, causes: Sequence[Cause], now: int) -> None:
        """The inbox comes first: a repetition must fail as one, not as anything else."""
        self.statements += insertions("inbox", INBOX, [cause.row(now) for cause in causes])

    def change(self, gathered: Sequence[Change], occasion: Occasion, means: Means, access: Access) -> None:
        """Apply the changes, with what is searchable of them."""
        region = means.origin.region
        fresh = [change for change in gathered if change.base.version == 0]
        added = 0
        for statement in insertions("entities", changes.COLUMNS, [one.row(occasion, region) for one in fresh]):
            size = statement.expect or 0
            self.places[len(self.statements)] = tuple(fresh[added : added + size])
            self.statements.append(statement)
            added += size
        for change in gathered:
            if change.base.version:
                self.places[len(self.statements)] = (change,)
                self.statements.append(change.update(occasion, region, access))
        self.statements += [_search(change, means.engine) for change in gathered if change.kind.search is not None]

    def audit(self, gathered: Sequence[Change], now: int, means: Means, access: Access) -> None:
        """Say who did what, row by row."""
        self.statements += means.audit.statements([_entry(change, now, access) for change in gathered])

    def publish(
        self, boxes: Sequence[tuple[Outbox, Occasion]], means: Means, now: int, *, said_once: bool = False
    ) -> None:
        """Leave events and messages for the trigger; ``said_once`` passes over those that it had. ``EventTooLarge``."""
        rows = [row for box, occasion in boxes for row in box.rows(means.origin, occasion, now)]
        statements = insertions("outbox", outbox.COLUMNS, rows)
        if said_once:
            again = " ON CONFLICT (id) DO NOTHING"
            statements = [Statement(f"{one.sql}{again}", one.params) for one in statements]
        self.statements += statements


def _search(change: Change, engine: Engine) -> Statement:
    text = None if change.entity is None or change.kind.search is None else change.kind.search(change.entity)
    return engine.search.remove(change.key) if text is None else engine.search.add(change.key, change.kind, text)


def _entry(change: Change, now: int, access: Access) -> Entry:
    action = "delete" if change.entity is None else "put"
    tenant = change.whose.tenant
    return audit_entry(now, access, change.kind, change.key, action, version=change.version, tenant=tenant)

"""A command's transaction: what it reads, what it changes, and one commit for all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, cast

import msgspec

from portico.audit import Trail
from portico.bff.access import Access, Parameters
from portico.bff.cause import Cause
from portico.bff.changes import TOMBSTONE_SECONDS, Base, Change, audit_entry
from portico.bff.engine import Engine
from portico.bff.entity import ClaimReach, EntityType, Key, Reach, Stored, T, Whose
from portico.bff.errors import (
    AccessRefused,
    ConflictError,
    DeclarationError,
    IdempotencyKeyExpired,
    UnitOfWorkClosed,
)
from portico.bff.events import Event, Occasion, Origin, stamp_of
from portico.bff.feeds import Data, Notice
from portico.bff.idempotency_record import IdempotencyRecord
from portico.bff.ids import Clock, born_at, new_id
from portico.bff.outbox import Outbox
from portico.bff.reads import Reads, key_of
from portico.sql import Database, ExpectationFailed, Statement, UniqueViolation

_KEY_CHECK: Final = Access.system("key check")


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


class UnitOfWork(Reads):
    """Made by ``EntityStore.unit_of_work`` and used as ``async with``; leaving without ``commit`` changes nothing.

    Writes are gathered and applied by ``commit`` as one group: rows, search text, audit, idempotency record and events.
    A row read here is only changed if nobody changed it since.
    """

    def __init__(
        self,
        means: Means,
        access: Access,
        *,
        command: str | None = None,
        traceparent: str | None = None,
        cause: Cause | None = None,
    ) -> None:
        super().__init__(means.database, access, means.engine, means.clock)
        self._means = means
        self._command = command
        self._traceparent = traceparent
        self._cause = cause
        self._id = ""  # made when something is written: most units of work only read
        self._open = False
        self._bases: dict[Key, Base] = {}
        self._changes: dict[Key, Change] = {}
        self._outbox = Outbox()
        self._others: list[Statement] = []
        # The inbox first: a repetition must fail as one, not as anything else.
        self._guards = [] if cause is None else [cause.statement(means.clock())]

    async def __aenter__(self) -> Self:
        """Begin; nothing is locked meanwhile."""
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; what was not committed is forgotten."""
        self._open = False

    async def get(self, kind: EntityType[T], pk: str, sk: str | None = None) -> Stored[T] | None:
        """Return one row as this unit of work will leave it, or None when there is none to be seen."""
        key = key_of(kind, pk, sk)
        change = self._changes.get(key)
        if change is not None and change.kind is kind:
            return self._pending(change)
        return await super().get(kind, pk, sk)

    async def put(
        self,
        kind: EntityType[T],
        pk: str,
        entity: T,
        *,
        sk: str | None = None,
        version: int | None = None,
        ttl: int | None = None,
        owner: str | None = None,
        tenant: str | None = None,
        claim_value: str | None = None,
    ) -> int:
        """Add a row, or change the one that was read; return the version it will have.

        ``version`` is the one the change is made for (``If-Match``); without it, the one read in this unit of work,
        else 0: there must be no such row. ``ttl`` ends the row at that second since the epoch. ``owner`` and ``tenant``
        follow from the claims and are for the system alone to give; so does ``claim_value``, but of several values of
        one's own one must say which. Raises ``ConflictError`` (also at commit), ``AccessRefused`` and ``ValueError``.
        """
        key = key_of(kind, pk, sk)
        await self._allow(kind, key, "put")
        base = await self._base(kind, key, version)
        whose = self._whose(kind, self._changes.get(key) or base, Whose(owner, tenant, claim_value))
        data = msgspec.json.encode(entity).decode()
        change = Change(kind, key, base, entity, data, whose, ttl, latched=self._cause is not None)
        self._changes[key] = change
        return change.version

    async def delete(self, kind: EntityType[T], pk: str, *, sk: str | None = None, version: int | None = None) -> None:
        """Delete a row softly; ``version`` as in ``put``, except that a row not read here is deleted as it is.

        Raises ``ConflictError`` when there is none to be seen, and ``AccessRefused``.
        """
        key = key_of(kind, pk, sk)
        await self._allow(kind, key, "delete")
        if await self.get(kind, pk, sk) is None:
            raise ConflictError(kind, pk, version or 0, None)
        base = await self._base(kind, key, version)
        if not base.live:
            del self._changes[key]  # it was put in this unit of work alone: nothing of it needs to be written
            return
        ttl = self._clock() // 1000 + TOMBSTONE_SECONDS
        latched = self._cause is not None
        self._changes[key] = Change(kind, key, base, None, "{}", base.whose, ttl, latched=latched)

    async def fold(
        self,
        kind: EntityType[T],
        pk: str,
        entity: T | None,
        *,
        sk: str | None = None,
        ttl: int | None = None,
        owner: str | None = None,
        tenant: str | None = None,
        claim_value: str | None = None,
    ) -> bool:
        """Make the row what the listener's event says of it, unless the row knows something newer; tell which.

        This is the inverse optimistic lock: whatever the order in which events come, the newest stays. None deletes,
        also what is not there yet: the tombstone keeps older events out. ``ttl`` as in ``put``; ``owner``, ``tenant``
        and ``claim_value`` must be said each time, for what was there before depends on the order. Only in a
        listener's rule; the commit raises ``ConflictError`` when another was quicker.
        """
        self._require_open()
        if (cause := self._cause) is None:
            raise DeclarationError("only a listener's rule folds: there is no event here")
        key = key_of(kind, pk, sk)
        pending = self._changes.get(key)
        base = pending.base if pending else self._bases.get(key) or await self._read_base(kind, key)
        if pending is None and not cause.supersedes(base):
            return False
        if entity is None:
            data, whose, ttl = "{}", Whose(), self._clock() // 1000 + TOMBSTONE_SECONDS
        else:
            whose = self._whose(kind, Base(), Whose(owner, tenant, claim_value))
            data = msgspec.json.encode(entity).decode()
        moment = (cause.event.timestamp, cause.event.stamp)
        self._changes[key] = Change(kind, key, base, entity, data, whose, ttl, moment, latched=True)
        return True

    def emit(self, event: Event) -> None:
        """Publish a fact with this commit; its entity is taken as it is now."""
        self._require_open()
        self._outbox.emit(event)

    def tell(self, *, type: str, data: Data, person: str | None = None, tenant: str | None = None) -> None:  # noqa: A002
        """Send ``data`` (taken as it is now) to a person's or a tenant's feed with this commit.

        ``type`` is a dotted lower-case name such as ``things.thing-changed``; ``person`` is a ``sub``. Open pages hear
        it at once, others when they come back. Raises ``DeclarationError``; the commit raises ``EventTooLarge``.
        """
        self._require_open()
        self._outbox.tell(type, data, person=person, tenant=tenant)

    def notify(self, sub: str, notice: Notice) -> None:
        """Send words to a person with this commit: into the inbox, and as a notification where they want one."""
        self._require_open()
        self._outbox.notify(sub, notice, self._means.origin.service)

    def remember(self, record: IdempotencyRecord, *guards: Statement) -> None:
        """Keep the command's answer with its effect, if the ``guards`` hold; ``idempotent`` calls this."""
        self._require_open()
        # The record first: of two equal commands the later must fail as a repetition, not as anything else.
        self._guards = [record.statement(self._clock()), *guards]

    def include(self, statement: Statement) -> None:
        """Run one more statement in the same group, on a table of the service's own; no claims filter applies to it."""
        self._require_open()
        self._others.append(statement)

    async def commit(self) -> None:
        """Apply everything, or nothing. Returning means that it outlives a power cut. Ends the unit of work.

        Raises ``ConflictError`` when a row moved on meanwhile, ``EventTooLarge``, ``IdempotencyKeyExpired``, and what
        ``Database.write`` raises: ``StoreUnavailable``, or ``UniqueViolation`` where an equal command was quicker.
        """
        self._require_open()
        self._open = False
        group, places = self._group()
        if not group:
            return
        try:
            await self._database.write(group)
        except UniqueViolation as error:
            if error.table == "outbox":
                raise IdempotencyKeyExpired("the command was applied before; its answer is no longer kept") from error
            if error.table == "entities":
                raise await self._moved(tuple(places.values())) from error
            raise
        except ExpectationFailed as error:
            if error.index in places:
                raise await self._moved((places[error.index],)) from error
            raise
        if self._outbox:
            self._means.committed()

    def _group(self) -> tuple[list[Statement], dict[int, Change]]:
        """The statements of the commit, and which of them are changes of rows."""
        now, region = self._clock(), self._means.origin.region
        occasion = self._occasion(now)
        group = list(self._guards)
        places: dict[int, Change] = {}
        for change in self._changes.values():
            places[len(group)] = change
            group.append(change.statement(occasion, region, self._access))
            if change.kind.search is not None:
                text = None if change.entity is None else change.kind.search(change.entity)
                search = self._engine.search
                group.append(search.remove(change.key) if text is None else search.add(change.key, change.kind, text))
            action = "delete" if change.entity is None else "put"
            entry = audit_entry(
                now, self._access, change.kind, change.key, action, version=change.version, tenant=change.whose.tenant
            )
            group.append(self._means.audit.statement(entry))
        group.extend(self._others)
        group.extend(self._outbox.statements(self._means.origin, occasion, now))
        return group, places

    def _occasion(self, now: int) -> Occasion:
        """When and as what this commit happens. Time never runs backwards for a row, whatever the clock does."""
        commit = self._id = self._id or new_id()
        timestamp = max([now, *(change.base.timestamp + 1 for change in self._changes.values())])
        if self._cause is not None:
            return self._cause.occasion(timestamp, commit, self._access.actor)
        if self._command is not None and self._access.sub is not None:
            seed: tuple[str, ...] = ("command", self._access.sub, self._command)
        else:
            seed = ("commit", self._means.origin.region, commit)
        # A key that is no UUIDv7 has no time, and the ids that follow from it no order.
        born = (born_at(seed[2]) or 0) if self._outbox else 0
        stamp = stamp_of(timestamp, commit)
        return Occasion(timestamp, stamp, seed, born, self._access.actor, self._command or commit, self._traceparent)

    async def _base(self, kind: EntityType[Any], key: Key, version: int | None) -> Base:
        """Find what a change starts from; refuse a row that is not theirs, or not at the version it is made for."""
        pending = self._changes.get(key)
        if pending is not None:
            seen = pending.version if pending.entity is not None else 0
            if version is not None and version != seen:
                raise ConflictError(kind, key.pk, version, self._pending(pending))
            return pending.base
        known = self._bases.get(key)
        base = known if known and version in {None, known.version} else await self._read_base(kind, key)
        expected = version if version is not None else (known.version if known else 0)
        theirs = base.version == 0 or self._access.reaches(kind.reach, base.whose)
        if expected != base.visible_version or not theirs:
            raise ConflictError(kind, key.pk, expected, await super().get(kind, *key))
        return base

    async def _allow(self, kind: EntityType[Any], key: Key, action: str) -> None:
        """Refuse, on the record, those who may not write this kind at all."""
        self._require_open()
        if not self._access.may_write(kind):
            reason = "may not write this kind"
            await self._means.audit.add(
                audit_entry(self._clock(), self._access, kind, key, action, version=None, reason=reason)
            )
            raise AccessRefused(f"{self._access.actor} may not write {kind.discriminator}")

    def _whose(self, kind: EntityType[Any], before: Base | Change, said: Whose) -> Whose:
        """Whose the row will be: the claims', or as the system says; a row does not change hands otherwise."""
        access = self._access
        if not access.is_system:
            if said.owner is not None or said.tenant is not None:
                raise ValueError("owner and tenant follow from the claims")
            alive = isinstance(before, Change) or before.live
            if not alive:
                return access.whose(kind.reach, said.claim_value)
            if said.claim_value not in {None, before.whose.claim_value}:
                raise ValueError("a row keeps its claim_value; the system may hand it over")
            return before.whose
        whose = Whose(*(new or old for new, old in zip(said, before.whose, strict=True)))
        if kind.reach is not Reach.EVERYONE and whose.under(kind.reach) is None:
            named = "claim_value" if isinstance(kind.reach, ClaimReach) else kind.reach.value
            raise ValueError(f"{kind.discriminator}: the system must say whose row this is ({named})")
        return whose

    async def _read_base(self, kind: EntityType[Any], key: Key) -> Base:
        """Read a row's state without the filter: a tombstone, or another's row, is in the way all the same."""
        rows = await self._engine.seen_by(self._means.database, _KEY_CHECK).read(
            "SELECT version, timestamp, deleted = 0 AND (ttl IS NULL OR ttl > $3) AND discriminator = $4, stamp, owner,"
            " tenant, claim_value FROM entities WHERE pk = $1 AND sk = $2",
            (key.pk, key.sk, self._clock() // 1000, kind.discriminator),
        )
        if not rows:
            return Base()
        # The table is STRICT.
        version, timestamp, live, stamp, *whose = cast("tuple[int, int, int, str, str | None, str | None]", rows[0])
        return Base(version, timestamp, bool(live), Whose(*whose), stamp)

    async def _select(self, kind: EntityType[T], tail: str, parameters: Parameters) -> list[Stored[T]]:
        found = await super()._select(kind, tail, parameters)
        for stored in found:
            # The first sight counts: what was decided on it must not be written over something newer.
            base = Base(stored.version, stored.timestamp, True, stored.whose, stored.stamp)
            self._bases.setdefault(stored.key, base)
        return found

    def _pending(self, change: Change) -> Stored[Any] | None:
        if change.entity is None:
            return None
        occasion = self._occasion(self._clock())
        timestamp, stamp = change.moment or (occasion.timestamp, occasion.stamp)
        return Stored(
            change.key,
            change.entity,
            change.version,
            timestamp,
            stamp,
            self._access.actor,
            change.whose.owner,
            change.whose.tenant,
            change.ttl,
            change.whose.claim_value,
        )

    async def _moved(self, changes: tuple[Change, ...]) -> ConflictError:
        """Tell which row moved on, with its state now."""
        for change in changes:
            current = await super().get(change.kind, *change.key)
            if (current.version if current else 0) != change.base.visible_version:
                break
        else:
            change, current = changes[0], None
        expected = change.base.visible_version
        return ConflictError(change.kind, change.key.pk, expected, current)

    def _require_open(self) -> None:
        if not self._open:
            raise UnitOfWorkClosed("use a unit of work inside its `async with`, and not after its commit")

"""A command's transaction: what it reads, what it changes, and one commit for all of it."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import msgspec

from portico.bff.access import Access, Parameters
from portico.bff.bases import Bases
from portico.bff.cause import Cause
from portico.bff.changes import NOTHING, TOMBSTONE_SECONDS, Base, Change, audit_entry, whose_of
from portico.bff.commit_group import CommitGroup, Means, Moment
from portico.bff.entity import EntityType, Key, Stored, T, Whose
from portico.bff.errors import (
    AccessRefused,
    ConflictError,
    DeclarationError,
    IdempotencyKeyExpired,
    UnitOfWorkClosed,
)
from portico.bff.events import Event, Occasion
from portico.bff.feeds import Data, Notice
from portico.bff.idempotency_record import IdempotencyRecord
from portico.bff.outbox import Outbox
from portico.bff.reads import Reads, key_of
from portico.sql import ExpectationFailed, Statement, UniqueViolation


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
        causes: Sequence[Cause] = (),
    ) -> None:
        super().__init__(means.database, access, means.engine, means.clock)
        self._means = means
        self._moment = Moment(access, means.origin.region, command, traceparent)
        self._causes = causes
        self._cause = causes[0] if causes else None
        self._events = frozenset(cause.event.id for cause in causes)
        self._open = False
        # Rows are mostly named after what an event is about.
        likely = tuple({cause.event.subject for cause in causes}) if len(causes) > 1 else ()
        self._bases = Bases(means.database, means.engine, means.clock, likely)
        self._changes: dict[Key, Change] = {}
        self._outbox = Outbox()
        self._outboxes: list[tuple[Cause | None, Outbox]] = [(self._cause, self._outbox)]
        self._others: list[Statement] = []
        self._guards: list[Statement] = []

    async def __aenter__(self) -> Self:
        """Begin; nothing is locked meanwhile."""
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; what was not committed is forgotten."""
        self._open = False

    @property
    def changes(self) -> Sequence[Change]:
        """The rows that it would write, as far as it came."""
        return tuple(self._changes.values())

    @property
    def events(self) -> Sequence[Event]:
        """What it would tell other services."""
        return tuple(event for _, box in self._outboxes for event in box.events)

    def turn_to(self, cause: Cause) -> None:
        """Go on with the next event of the batch that this unit of work takes; it begins with the first.

        What was folded and put for the events before is seen, and written once. What is emitted has the ids that it
        would have had without the batch.
        """
        self._require_open()
        if cause.event.id not in self._events:
            raise DeclarationError("the event is not of this batch")
        self._cause = cause
        if self._outbox:
            self._outbox = Outbox()
            self._outboxes.append((cause, self._outbox))
        else:
            self._outboxes[-1] = (cause, self._outbox)

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
        said = Whose(owner, tenant, claim_value)
        whose = whose_of(self._access, kind, self._changes.get(key) or base, said)
        data = msgspec.json.encode(entity).decode()
        change = Change(kind, key, base, entity, data, whose, ttl, cause=self._cause_id)
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
        pending = self._changes.get(key)
        if not base.live and pending is not None and pending.cause == self._cause_id:
            del self._changes[key]  # it was put in this unit of work alone: nothing of it needs to be written
            return
        ttl = self._clock() // 1000 + TOMBSTONE_SECONDS
        whose = base.whose if pending is None else pending.whose
        self._changes[key] = Change(kind, key, base, None, "{}", whose, ttl, cause=self._cause_id)

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
        and ``claim_value`` must be said each time, for what was there before depends on the order; of a deletion they
        say who may make the row again. Only in a listener's rule; the commit raises ``ConflictError`` when another was
        quicker.
        """
        self._require_open()
        if (cause := self._cause) is None:
            raise DeclarationError("only a listener's rule folds: there is no event here")
        key = key_of(kind, pk, sk)
        pending = self._changes.get(key)
        bases = self._bases
        base = pending.base if pending else bases.known(key) or bases.foreseen(key) or await bases.read(kind, key)
        if not (pending.cause == cause.event.id if pending else False) and not cause.supersedes(
            self._as_left(pending) if pending else base
        ):
            return False
        if entity is None:
            data, ttl = "{}", self._clock() // 1000 + TOMBSTONE_SECONDS
            whose = Whose(owner, tenant, claim_value)
        else:
            whose = whose_of(self._access, kind, NOTHING, Whose(owner, tenant, claim_value))
            data = msgspec.json.encode(entity).decode()
        moment = (cause.event.timestamp, cause.event.stamp)
        self._changes[key] = Change(kind, key, base, entity, data, whose, ttl, moment, cause.event.id)
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

    def guard(self, statements: Sequence[Statement]) -> None:
        """Run these before everything else of the commit."""
        self._require_open()
        self._guards = [*self._guards, *statements]

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
        group = self._group()
        if not group.statements:
            return
        try:
            await self._database.write(group.statements)
        except UniqueViolation as error:
            if error.table == "outbox":
                raise IdempotencyKeyExpired("the command was applied before; its answer is no longer kept") from error
            if error.table == "entities":
                raise await self._moved(group.changed) from error
            raise
        except ExpectationFailed as error:
            if error.index in group.places:
                raise await self._moved(group.places[error.index]) from error
            raise
        if any(box for _, box in self._outboxes):
            self._means.committed()

    def _group(self) -> CommitGroup:
        """The statements of the commit."""
        now, gathered = self._clock(), tuple(self._changes.values())
        occasion = self._occasion(now)
        group = CommitGroup(list(self._guards))
        group.take(self._causes, now)
        group.change(gathered, occasion, self._means, self._access)
        self._audit(group, gathered, now)
        group.statements += self._others
        boxes = [(box, self._moment.of(cause, occasion)) for cause, box in self._outboxes if box]
        # An event that is taken again, after its projection was built anew, has the same effects under the same ids.
        group.publish(boxes, self._means, now, said_once=bool(self._causes))
        return group

    def _audit(self, group: CommitGroup, gathered: Sequence[Change], now: int) -> None:
        group.audit(gathered, now, self._means, self._access)

    def _occasion(self, now: int) -> Occasion:
        return self._moment.occasion(now, self._changes.values(), self._causes, born=bool(self._outbox))

    @property
    def _cause_id(self) -> str | None:
        return None if self._cause is None else self._cause.event.id

    def _as_left(self, change: Change) -> Base:
        """What the row will be to the next event of the batch, had this one been committed by itself."""
        occasion = self._occasion(self._clock())
        timestamp, stamp = change.moment or (occasion.timestamp, occasion.stamp)
        return Base(change.version, timestamp, change.entity is not None, change.whose, stamp)

    async def _base(self, kind: EntityType[Any], key: Key, version: int | None) -> Base:
        """Find what a change starts from; refuse a row that is not theirs, or not at the version it is made for."""
        pending = self._changes.get(key)
        if pending is not None:
            seen = pending.version if pending.entity is not None else 0
            if version is not None and version != seen:
                raise ConflictError(kind, key.pk, version, self._pending(pending))
            return pending.base
        known = self._bases.known(key)
        base = known if known and version in {None, known.version} else await self._bases.read(kind, key)
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

    async def _select(self, kind: EntityType[T], tail: str, parameters: Parameters) -> list[Stored[T]]:
        found = await super()._select(kind, tail, parameters)
        for stored in found:
            self._bases.note(stored)
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

"""Building a projection's rows anew beside the live ones, in bulk, and putting them in their place."""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from portico.audit import Entry
from portico.bff.access import Access
from portico.bff.cause import Cause
from portico.bff.changes import Change
from portico.bff.commit_group import CommitGroup, Means
from portico.bff.entity import EntityType, Page, Stored, T
from portico.bff.errors import DeclarationError
from portico.bff.events import Event
from portico.bff.feeds import Data, Notice
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import Statement, Value

if TYPE_CHECKING:
    from portico.bff.store import EntityStore


class RebuildingUnitOfWork(UnitOfWork):
    """A listener's unit of work whose rows of ``kinds`` go beside the live ones, as those of a ``generation``.

    It reads them there as well; other kinds it reads as they are and cannot write. Nobody is told anything: who should
    hear of these events has heard. The audit has one entry for each commit. Made by
    ``EntityStore.rebuilding_unit_of_work``.
    """

    def __init__(
        self,
        means: Means,
        access: Access,
        causes: Sequence[Cause],
        generation: str,
        kinds: Collection[EntityType[Any]],
    ) -> None:
        super().__init__(means, access, causes=causes)
        self._generation = generation
        self._anew = _beside(generation, kinds)

    async def get(self, kind: EntityType[T], pk: str, sk: str | None = None) -> Stored[T] | None:
        """See ``UnitOfWork.get``."""
        return await super().get(self._read_from(kind), pk, sk)

    async def get_many(self, kind: EntityType[T], pks: Sequence[str]) -> dict[str, Stored[T]]:
        """See ``Reads.get_many``."""
        return await super().get_many(self._read_from(kind), pks)

    async def query(self, kind: EntityType[T], **wanted: Any) -> Page[T]:
        """See ``Reads.query``."""
        return await super().query(self._read_from(kind), **wanted)

    async def search(self, kind: EntityType[T], text: str, **wanted: Any) -> Page[T]:
        """See ``Reads.search``."""
        return await super().search(self._read_from(kind), text, **wanted)

    async def put(self, kind: EntityType[T], pk: str, entity: T, **said: Any) -> int:
        """See ``UnitOfWork.put``."""
        return await super().put(self._write_to(kind), pk, entity, **said)

    async def delete(self, kind: EntityType[T], pk: str, *, sk: str | None = None, version: int | None = None) -> None:
        """See ``UnitOfWork.delete``."""
        await super().delete(self._write_to(kind), pk, sk=sk, version=version)

    def fold(self, kind: EntityType[T], pk: str, entity: T | None, **said: Any) -> Coroutine[Any, Any, bool]:
        """See ``UnitOfWork.fold``."""
        return super().fold(self._write_to(kind), pk, entity, **said)

    def emit(self, event: Event) -> None:
        """Say nothing: it was said when the event was first taken."""

    def tell(self, *, type: str, data: Data, person: str | None = None, tenant: str | None = None) -> None:  # noqa: A002
        """Say nothing."""

    def notify(self, sub: str, notice: Notice) -> None:
        """Say nothing."""

    def include(self, statement: Statement) -> None:  # noqa: ARG002
        """Refuse: a table of the service's own has no place beside the live one."""
        raise DeclarationError("a rule that writes tables of its own cannot be built anew beside the live rows")

    def _audit(self, group: CommitGroup, gathered: Sequence[Change], now: int) -> None:
        if gathered:
            key, words = self._generation, f"{len(gathered)} rows"
            entry = _entry(now, self._access, key, words)
            group.statements.append(self._means.audit.statement(entry))

    def _read_from(self, kind: EntityType[T]) -> EntityType[T]:
        return self._anew.get(kind.discriminator, kind)

    def _write_to(self, kind: EntityType[T]) -> EntityType[T]:
        if kind.generation:
            return kind
        anew: EntityType[T] | None = self._anew.get(kind.discriminator)
        if anew is None:
            raise DeclarationError(f"{kind.discriminator} is not among the kinds that are built anew")
        return anew


async def swap(
    store: EntityStore,
    generation: str,
    kinds: Collection[EntityType[Any]],
    more: Sequence[Statement] = (),
    *,
    rules: Sequence[str] = (),
) -> None:
    """Put the rows of a generation in the place of the live ones, all at once: a reader sees the old or the new.

    ``more`` is run with it. ``rules`` are those that made the rows, as the inbox names them.

    Other writers of the store wait meanwhile. Repeating it does nothing: with no row beside the live ones, and no event
    that these rules took, the live ones stay. ``more`` must give what was taken to others.
    """
    access, now = Access.system("rebuild"), store.now()
    group: list[Statement] = []
    for kind in kinds:
        anew = kind.beside(generation)
        values = (anew.discriminator, kind.discriminator, len(anew.generation) + 1)
        forgetting = (*values, msgspec.json.encode(list(rules)).decode())
        taken = f"EXISTS (SELECT 1 FROM inbox WHERE rule IN ({store.engine.members('$4')}))"  # noqa: S608
        group += [Statement(text.format(taken=taken), forgetting) for text in (_FORGET_TEXT, _FORGET)]
        group += [Statement(text, values) for text in (_MOVE_TEXT, _MOVE)]
    group += [*more, store.audit.statement(_entry(now, access, generation, "swapped"))]
    await store.system_database("rebuild").write(group)


async def discard(store: EntityStore, generation: str, kinds: Collection[EntityType[Any]]) -> None:
    """Remove the rows of a generation that is not to be; the live ones stay."""
    names: list[Value] = [kind.beside(generation).discriminator for kind in kinds]
    tables = ("search_documents", "entities")
    await store.system_database("rebuild").write(
        [Statement(f"DELETE FROM {table} WHERE discriminator = $1", (name,)) for table in tables for name in names]  # noqa: S608
    )


_ANY = "(EXISTS (SELECT 1 FROM entities WHERE discriminator = $1) OR {taken})"
_HERE = "discriminator = $2, sk = CASE WHEN sk = $1 THEN $2 ELSE substr(sk, 1, length(sk) - $3) END"
_FORGET_TEXT = f"DELETE FROM search_documents WHERE discriminator = $2 AND {_ANY} AND $3 > 0"  # noqa: S608
_FORGET = f"DELETE FROM entities WHERE discriminator = $2 AND {_ANY} AND $3 > 0"  # noqa: S608
_MOVE_TEXT = f"UPDATE search_documents SET {_HERE} WHERE discriminator = $1"  # noqa: S608
_MOVE = f"UPDATE entities SET {_HERE} WHERE discriminator = $1"  # noqa: S608


def _beside(generation: str, kinds: Collection[EntityType[Any]]) -> Mapping[str, EntityType[Any]]:
    return {kind.discriminator: kind.beside(generation) for kind in kinds}


def _entry(at: int, access: Access, generation: str, words: str) -> Entry:
    return Entry(
        at=at,
        actor=access.actor,
        action="rebuild",
        outcome="allowed",
        kind="projection",
        key=generation,
        reason=words,
    )

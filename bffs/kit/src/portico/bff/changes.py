"""What a unit of work is going to change, and the statements that do it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from portico.audit import Entry
from portico.bff.access import Access, Parameters
from portico.bff.entity import ClaimReach, EntityType, Key, Reach, Whose
from portico.bff.events import Occasion
from portico.sql import Statement, Value

_STATE: Final = (
    "data", "timestamp", "stamp", "version", "last_modified_by", "deleted", "ttl", "region", "owner", "tenant",
    "latched", "reach", "claim_value",
)  # fmt: skip
COLUMNS: Final = (*_STATE, "pk", "sk", "discriminator")
"""Of the table ``entities``."""

_UPDATE: Final = f"UPDATE entities SET {', '.join(f'{name} = ${n}' for n, name in enumerate(_STATE, 1))}"  # noqa: S608

TOMBSTONE_SECONDS: Final = 30 * 24 * 3600
"""How long a deleted row is remembered, so that a late change does not bring it back."""


class Base(msgspec.Struct, frozen=True):
    """The row a change starts from; ``version`` 0 means there is none. A dead one is a tombstone or has expired."""

    version: int = 0
    timestamp: int = 0
    live: bool = False
    whose: Whose = Whose()
    stamp: str = ""

    @property
    def visible_version(self) -> int:
        """What a reader sees: 0 where nothing lives."""
        return self.version if self.live else 0


NOTHING: Final = Base()
"""There is no row, and never was."""


class Change(msgspec.Struct, frozen=True):
    """One row's new state; ``entity`` is None for a deletion. Made by ``put``, ``delete`` and ``fold``, applied by the
    commit. ``moment`` is the timestamp and stamp of the event that was folded, else the commit's. ``cause``
    is the event for which a listener writes it; such a row is latched."""

    kind: EntityType[Any]
    key: Key
    base: Base
    entity: Any | None
    data: str
    whose: Whose
    ttl: int | None
    moment: tuple[int, str] | None = None
    cause: str | None = None

    @property
    def version(self) -> int:
        """The version the row will have; it goes on over tombstones, so that an old one never matches again."""
        return self.base.version + 1

    def row(self, occasion: Occasion, region: str) -> tuple[Value, ...]:
        """The row that a new one is, in the order of ``COLUMNS``."""
        return (*self._state(occasion, region), self.key.pk, self.key.sk, self.kind.discriminator)

    def update(self, occasion: Occasion, region: str, access: Access) -> Statement:
        """Change the row if it still is what the unit of work saw and the authority reaches it."""
        parameters = Parameters(list(self._state(occasion, region)))
        where = (
            f"pk = {parameters.add(self.key.pk)} AND sk = {parameters.add(self.key.sk)}"
            f" AND discriminator = {parameters.add(self.kind.discriminator)}"
            f" AND version = {parameters.add(self.base.version)}"
            f" AND {access.predicate(self.kind.reach, parameters)}"
        )
        return Statement(f"{_UPDATE} WHERE {where}", parameters.values, expect=1)

    def _state(self, occasion: Occasion, region: str) -> tuple[Value, ...]:
        timestamp, stamp = self.moment or (occasion.timestamp, occasion.stamp)
        return (
            self.data,
            timestamp,
            stamp,
            self.version,
            occasion.actor,
            int(self.entity is None),
            self.ttl,
            region,
            self.whose.owner,
            self.whose.tenant,
            int(self.cause is not None),
            self.kind.reach.value,
            self.whose.claim_value,
        )


def whose_of(access: Access, kind: EntityType[Any], before: Base | Change, said: Whose) -> Whose:
    """Whose the row will be: the claims', or as the system says; a row does not change hands otherwise.

    Raises ``ValueError`` for what is not theirs to say, or left open.
    """
    if not access.is_system:
        if said.owner is not None or said.tenant is not None:
            raise ValueError("owner and tenant follow from the claims")
        alive = isinstance(before, Change) or before.live
        if not alive:
            return access.whose(kind.reach, said.claim_value)
        if said.claim_value not in {None, before.whose.claim_value}:
            raise ValueError("a row keeps its claim_value; the system may hand it over")
        return before.whose
    old = before.whose
    whose = said
    if old != NOTHING.whose:
        whose = Whose(said.owner or old.owner, said.tenant or old.tenant, said.claim_value or old.claim_value)
    if kind.reach is not Reach.EVERYONE and whose.under(kind.reach) is None:
        named = "claim_value" if isinstance(kind.reach, ClaimReach) else kind.reach.value
        raise ValueError(f"{kind.discriminator}: the system must say whose row this is ({named})")
    return whose


def audit_entry(
    at: int,
    access: Access,
    kind: EntityType[Any],
    key: Key,
    action: str,
    *,
    version: int | None,
    tenant: str | None = None,
    reason: str | None = None,
) -> Entry:
    """Who did what to which row; without a ``version`` it was refused. ``tenant`` is the row's, else the person's."""
    return Entry(
        at=at,
        actor=access.actor,
        client=access.client_id,
        action=action,
        outcome="refused" if version is None else "allowed",
        kind=kind.discriminator,
        key=key.pk,
        sort=key.sk,
        version=version,
        tenant=tenant or access.tenant,
        reason=reason,
    )

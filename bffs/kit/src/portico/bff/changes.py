"""What a unit of work is going to change, and the statements that do it."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from portico.audit import Entry
from portico.bff.access import Access, Parameters
from portico.bff.entity import EntityType, Key, Whose
from portico.bff.events import Occasion
from portico.sql import Statement

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


class Change(msgspec.Struct, frozen=True):
    """One row's new state; ``entity`` is None for a deletion. Made by ``put``, ``delete`` and ``fold``, applied by the
    commit. ``moment`` is the timestamp and stamp of the event that was folded, else the commit's. ``latched`` marks
    what a listener wrote."""

    kind: EntityType[Any]
    key: Key
    base: Base
    entity: Any | None
    data: str
    whose: Whose
    ttl: int | None
    moment: tuple[int, str] | None = None
    latched: bool = False

    @property
    def version(self) -> int:
        """The version the row will have; it goes on over tombstones, so that an old one never matches again."""
        return self.base.version + 1

    def statement(self, occasion: Occasion, region: str, access: Access) -> Statement:
        """Insert the row, or change it if it still is what the unit of work saw and the authority reaches it."""
        deleted = int(self.entity is None)
        timestamp, stamp = self.moment or (occasion.timestamp, occasion.stamp)
        state = (
            self.data,
            timestamp,
            stamp,
            self.version,
            occasion.actor,
            deleted,
            self.ttl,
            region,
            self.whose.owner,
            self.whose.tenant,
            int(self.latched),
            self.kind.reach.value,
            self.whose.claim_value,
        )
        if self.base.version == 0:
            return Statement(
                "INSERT INTO entities (data, timestamp, stamp, version, last_modified_by, deleted, ttl, region, owner,"
                " tenant, latched, reach, claim_value, pk, sk, discriminator)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
                (*state, self.key.pk, self.key.sk, self.kind.discriminator),
                expect=1,
            )
        parameters = Parameters(list(state))
        where = (
            f"pk = {parameters.add(self.key.pk)} AND sk = {parameters.add(self.key.sk)}"
            f" AND discriminator = {parameters.add(self.kind.discriminator)}"
            f" AND version = {parameters.add(self.base.version)}"
            f" AND {access.predicate(self.kind.reach, parameters)}"
        )
        return Statement(
            "UPDATE entities SET data = $1, timestamp = $2, stamp = $3, version = $4, last_modified_by = $5,"  # noqa: S608
            f" deleted = $6, ttl = $7, region = $8, owner = $9, tenant = $10, latched = $11, reach = $12,"
            f" claim_value = $13 WHERE {where}",
            parameters.values,
            expect=1,
        )


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

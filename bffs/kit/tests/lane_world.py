"""A service that keeps a ledger of every command that took effect, and devices that send it commands in lanes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bffs.kit.tests.store_world import person
from portico.bff.errors import CommandSkipped, IdempotencyError
from portico.bff.idempotency import idempotent, request_hash
from portico.bff.idempotency_record import StoredResponse
from portico.bff.lanes import Admission, Turn
from portico.bff.outcomes import skip
from portico.bff.store import EntityStore
from portico.bff.unit_of_work import UnitOfWork
from portico.sql import Migration, Statement

LEDGER = Migration(
    "ledger/0001",
    """
    CREATE TABLE ledger (
      position INTEGER PRIMARY KEY AUTOINCREMENT, sub TEXT NOT NULL, client TEXT NOT NULL, lane TEXT NOT NULL,
      seq INTEGER NOT NULL, key TEXT NOT NULL
    ) STRICT;
    CREATE INDEX ledger_by_key ON ledger (key);
    """,
)


async def open_ledger(folder: Path) -> EntityStore:
    return await EntityStore.open(f"sqlite:///{folder}/ledger.db", service="ledger", migrations=[LEDGER])


class Entry(msgspec.Struct, frozen=True):
    """One effect, in the order of the commits."""

    sub: str
    client: str
    lane: str
    seq: int
    key: str

    def is_of(self, lane: Lane) -> bool:
        return (self.sub, self.client, self.lane) == (lane.sub, lane.client, lane.name)


async def ledger(store: EntityStore, of: str = "") -> list[Entry]:
    """What took effect, of those commands whose key begins so."""
    rows = await store.database.read(
        "SELECT sub, client, lane, seq, key FROM ledger WHERE key >= $1 AND key < $2 ORDER BY position", (of, of + "~")
    )
    return [Entry(*msgspec.convert(row, tuple[str, str, str, int, str])) for row in rows]


class RefusedError(Exception):
    """The command's own rule says no."""


@dataclass(frozen=True)
class Lane:
    """One lane of one device of one person."""

    name: str
    sub: str = "ada"
    client: str = field(default_factory=lambda: str(uuid.uuid4()))
    free: bool = False
    """Whether the commands go without a lane after all."""

    def turn(self, seq: int) -> Turn:
        return Turn(self.client, self.name, seq)

    def admission(self, seq: int, replaces: Sequence[str] = ()) -> Admission:
        return Admission(None if self.free else self.turn(seq), tuple(replaces))

    async def send(
        self, store: EntityStore, seq: int, key: str, *, replaces: Sequence[str] = (), refuse: bool = False
    ) -> str:
        """Send one command; return `applied`, `replayed`, `refused` or the code of why it was not run.

        One that is to be refused answers 422 at an even place, and raises at an odd one.
        """

        async def run(uow: UnitOfWork) -> StoredResponse:
            uow.include(
                Statement(
                    "INSERT INTO ledger (sub, client, lane, seq, key) VALUES ($1, $2, $3, $4, $5)",
                    (self.sub, self.client, self.name, seq, key),
                )
            )
            if refuse and seq % 2:
                raise RefusedError
            return StoredResponse(422 if refuse else 200)

        digest = request_hash("POST", "/ledger", key.encode())
        try:
            answer = await idempotent(
                store, person(self.sub), key, digest, run, admission=self.admission(seq, replaces)
            )
        except RefusedError:
            return "refused"
        except IdempotencyError as error:
            return error.code
        if answer.status >= 400:
            return "refused"
        return "replayed" if answer.replayed else "applied"

    async def skip(self, store: EntityStore, seq: int, key: str, *, replaces: Sequence[str] = ()) -> str:
        """Give a command up; return `skipped` or the code of why not."""
        try:
            await skip(store, person(self.sub), key, self.admission(seq, replaces))
        except IdempotencyError as error:
            return error.code
        return CommandSkipped.code

    async def expected(self, store: EntityStore) -> int:
        return await self.turn(1).expected(store.database, self.sub)

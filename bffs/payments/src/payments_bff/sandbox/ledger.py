"""Whose money is where: what a test asks in the end. Kept in a database, so that it outlives the sandbox's process."""

import contextlib
from collections.abc import AsyncIterator
from typing import Final, cast

import msgspec

from portico.bff import new_id
from portico.sql import Database, Migration, Statement, UniqueViolation, open_database

LIMIT: Final = 50_000
"""A charge of more than 500.00 is declined: the sandbox's card has no more on it."""

MIGRATIONS: Final = (
    Migration(
        "sandbox/0001-ledger",
        """
        CREATE TABLE sandbox_charges (
          key TEXT PRIMARY KEY,
          reference TEXT NOT NULL,
          id TEXT NOT NULL,
          amount INTEGER NOT NULL,
          currency TEXT NOT NULL,
          status TEXT NOT NULL      -- succeeded, declined
        ) STRICT;
        CREATE TABLE sandbox_refunds (
          key TEXT PRIMARY KEY,
          reference TEXT NOT NULL,
          amount INTEGER NOT NULL
        ) STRICT;
        """,
    ),
)


class Entry(msgspec.Struct, frozen=True):
    """A charge; ``status`` is the truth about it, ``refunded`` what went back."""

    key: str
    reference: str
    id: str
    amount: int
    currency: str
    status: str
    refunded: int = 0


class KeyReused(Exception):
    """The key belongs to another request."""


class Ledger:
    """Charges and refunds. Every change is there before it is answered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator["Ledger"]:
        """Open the ledger at a database URL."""
        database = await open_database(url, migrations=MIGRATIONS)
        try:
            yield cls(database)
        finally:
            await database.close()

    async def charge(self, key: str, reference: str, amount: int, currency: str) -> Entry:
        """Take money, once for a key: with another one it is taken again. Raises ``KeyReused`` for another request."""
        status = "declined" if amount > LIMIT else "succeeded"
        row = (key, reference, f"ch_{new_id()}", amount, currency, status)
        with contextlib.suppress(UniqueViolation):
            await self._database.write([
                Statement(
                    "INSERT INTO sandbox_charges (key, reference, id, amount, currency, status)"
                    " VALUES ($1, $2, $3, $4, $5, $6)",
                    row,
                )
            ])  # fmt: skip
        entry = next((one for one in await self.entries() if one.key == key), None)
        if entry is None or (entry.reference, entry.amount, entry.currency) != (reference, amount, currency):
            raise KeyReused
        return entry

    async def refund(self, key: str, reference: str) -> Entry | None:
        """Give a charge back, whole; None where nothing was taken. A key gives back once, and a charge too.

        Raises ``KeyReused`` for the key of a charge.
        """
        if any(one.key == key for one in await self.entries()):
            raise KeyReused
        entry = await self.find(reference)
        if entry is None or entry.status != "succeeded":
            return None
        if not entry.refunded:
            with contextlib.suppress(UniqueViolation):
                await self._database.write([
                    Statement(
                        "INSERT INTO sandbox_refunds (key, reference, amount) VALUES ($1, $2, $3)",
                        (key, reference, entry.amount),
                    )
                ])  # fmt: skip
        return await self.find(reference)

    async def find(self, reference: str) -> Entry | None:
        """The charge of a reference."""
        return next((entry for entry in await self.entries() if entry.reference == reference), None)

    async def entries(self) -> list[Entry]:
        """All charges with what went back of them, in the order of their references."""
        rows = await self._database.read(
            "SELECT c.key, c.reference, c.id, c.amount, c.currency, c.status,"
            " COALESCE((SELECT SUM(r.amount) FROM sandbox_refunds AS r WHERE r.reference = c.reference), 0)"
            " FROM sandbox_charges AS c ORDER BY c.reference, c.key"
        )
        return [Entry(*cast("tuple[str, str, str, int, str, str, int]", (*row[:6], int(str(row[6]))))) for row in rows]

    async def balance(self) -> int:
        """What is with us: everything taken, less everything given back."""
        return sum(one.amount - one.refunded for one in await self.entries() if one.status == "succeeded")

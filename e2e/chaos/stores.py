"""What is on disk: the stores of the services, the payment sandbox's ledger and the lake, read past all services."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import apsw

from portico.lake.config import LakeConfig
from portico.lake.query import Answer, Bounds, query

ALL: Final = Bounds(rows=1_000_000)


@dataclass(frozen=True, slots=True)
class Told:
    """A row of an outbox: an event that a service has committed."""

    id: str
    type: str
    subject: str
    service: str
    published: bool


@dataclass(frozen=True, slots=True)
class Charge:
    """What the sandbox took, and what of it went back."""

    reference: str
    amount: int
    succeeded: bool
    refunded: int


class Stores:
    """Reads the data folder of a platform, whether it runs or not."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def services(self) -> list[str]:
        """The names of all services that have a store."""
        files = self.folder.glob("bff-*.db")
        return sorted(file.stem.removeprefix("bff-") for file in files if not file.stem.endswith("-sandbox"))

    def entities(self, service: str, kind: str) -> dict[str, Any]:
        """The rows of a kind that has one row for a key, by key."""
        rows = self._rows(service, "SELECT pk, data FROM entities WHERE discriminator = ? AND deleted = 0", (kind,))
        return {str(pk): json.loads(str(data)) for pk, data in rows}

    def shares(self, service: str, kind: str, pk: str) -> dict[str, Any]:
        """The rows of a kind under one key, by `sk`."""
        rows = self._rows(
            service, "SELECT sk, data FROM entities WHERE discriminator = ? AND deleted = 0 AND pk = ?", (kind, pk)
        )
        return {str(sk): json.loads(str(data)) for sk, data in rows}

    def told(self, service: str) -> list[Told]:
        """Every event that a service has committed; messages to feeds are none."""
        rows = self._rows(service, "SELECT id, type, subject, published_at FROM outbox WHERE target IS NULL")
        return [Told(str(id_), str(type_), str(subject), service, at is not None) for id_, type_, subject, at in rows]

    def faults(self, service: str) -> list[str]:
        """What no rule of a service could take."""
        rows = self._rows(service, "SELECT rule, event_type, error, message FROM faults")
        return [" ".join(map(str, row)) for row in rows]

    def charges(self) -> list[Charge]:
        """The sandbox's ledger."""
        rows = self._rows(
            "payments-sandbox",
            "SELECT reference, amount, status, (SELECT COALESCE(SUM(r.amount), 0) FROM sandbox_refunds AS r"
            " WHERE r.reference = c.reference) FROM sandbox_charges AS c",
        )
        return [Charge(str(ref), int(amount), status == "succeeded", int(back)) for ref, amount, status, back in rows]

    def lake(self, sql: str) -> Answer:
        """What DuckDB answers."""
        return query(LakeConfig.from_environment({}, self.folder).lake(), sql, ALL)

    def _rows(self, service: str, sql: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
        with _reading(self.folder / f"bff-{service}.db") as connection:
            return list(connection.execute(sql, values))


@contextmanager
def _reading(file: Path) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(file), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        connection.set_busy_timeout(5000)
        yield connection
    finally:
        connection.close()

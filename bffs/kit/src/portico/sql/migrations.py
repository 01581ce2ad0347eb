"""Schema changes: ordered, recorded with their digest, applied together or not at all."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from portico.sql.errors import MigrationError

LONGEST: Final = 3600.0
"""Seconds that the steps may take, and that a process which starts meanwhile waits for them."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of a schema: one or more statements under an ``id`` unique in the database (``bff/0001-entities``).

    Once released, neither changes: add another. Steps that this process does not know (a newer version ran here) are
    left alone. ``postgres`` is what PostgreSQL is given instead, where no one text serves both engines (triggers).
    """

    id: str
    script: str
    postgres: str | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of the script, in hexadecimal."""
        return hashlib.sha256(self.script.encode()).hexdigest()


def require_unique(migrations: Sequence[Migration]) -> None:
    """Raise ``MigrationError`` when an id is used twice."""
    ids = [migration.id for migration in migrations]
    if len(set(ids)) != len(ids):
        raise MigrationError(next(id_ for id_ in ids if ids.count(id_) > 1), "the id is used twice")


def missing(known: Mapping[str, str], migrations: Sequence[Migration]) -> list[Migration]:
    """Return the migrations not in ``known`` (id to digest); raises ``MigrationError`` for one that changed since."""
    for migration in migrations:
        if known.get(migration.id, migration.digest) != migration.digest:
            raise MigrationError(migration.id, "its script changed after it was applied; add another migration instead")
    return [migration for migration in migrations if migration.id not in known]

"""Sealing anew, with the current key, what older keys have sealed; the host may run meanwhile."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from portico.host.session.sealing import Seal, SealBroken
from portico.sql import Database, Statement

_PAGE = 200

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values; each is sealed for its row's `key`, with `context` before it."""

    table: str
    key: str
    column: str
    context: str = ""


async def reseal(database: Database, seal: Seal, column: SealedColumn) -> tuple[int, int]:
    """Seal the values of `column` with the current key; how many now are, and how many nobody can open.

    A value that changes meanwhile is left alone: whoever changed it has sealed it. Raises `portico.sql.SqlError`.
    """
    done = lost = 0
    after = ""
    page = (
        f"SELECT {column.key}, {column.column} FROM {column.table} "  # noqa: S608 - constants
        f"WHERE {column.key} > $1 ORDER BY {column.key} LIMIT {_PAGE}"
    )
    change = (
        f"UPDATE {column.table} SET {column.column} = $1 "  # noqa: S608 - constants
        f"WHERE {column.key} = $2 AND {column.column} = $3 RETURNING {column.key}"
    )
    while rows := await database.read(page, (after,)):
        after = str(rows[-1][0])
        changes = []
        for key, sealed in rows:
            if str(sealed).startswith(f"{seal.current}."):
                continue
            context = column.context + str(key)
            try:
                changes.append(Statement(change, (seal.seal(seal.unseal(str(sealed), context), context), key, sealed)))
            except SealBroken as error:
                _logger.warning("A value in %s cannot be opened: %s", column.table, error)
                lost += 1
        done += sum(len(changed) for changed in await database.write(changes)) if changes else 0
    return done, lost

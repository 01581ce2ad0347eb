"""A session's tokens in its row: read with what is known of them, changed only by who has seen the last change."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import msgspec

from portico.host.session.person import Person, TokenSet
from portico.host.session.sealing import Seal, SealBroken
from portico.host.session.session import COLUMNS, Session, roles_as_kept, session_in
from portico.sql import Database, Statement

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """A live session's tokens; `None` when no key opens them. `generation` grows with every change of them.

    `failing_since` is when the provider first did not answer for them, in seconds since the epoch.
    """

    session: Session
    tokens: TokenSet | None
    generation: int
    failing_since: int | None


class TokenRows:
    """Tokens of the sessions on one database. All methods raise `portico.sql.SqlError`."""

    def __init__(self, database: Database, *, seal: Seal, idle: int) -> None:
        self._database = database
        self._seal = seal
        self._idle = idle

    async def read(self, session_id: str, now: int) -> Kept | None:
        """What is kept; `None` when there is no such session any more."""
        rows = await self._database.read(
            f"SELECT {COLUMNS}, tokens, generation, failing_since FROM session WHERE id = $1",  # noqa: S608
            (session_id,),
        )
        if not rows:
            return None
        *columns, sealed, generation, failing_since = rows[0]
        session, _ = session_in(tuple(columns), idle=self._idle)
        if now >= session.expires_at:
            return None
        return Kept(
            session,
            self._opened(session_id, str(sealed)),
            int(generation or 0),
            None if failing_since is None else int(failing_since),
        )

    async def replace(self, kept: Kept, tokens: TokenSet, person: Person | None, *, due: float | None) -> bool:
        """Keep these tokens, due at `due`, in place of those that were read, and what the provider says of the person.

        False when the session is over, or its tokens were changed by somebody else since.
        """
        session = kept.session
        says: Session | Person = person or session
        is_other = (says.name, says.roles, says.tenant) != (session.name, session.roles, session.tenant)
        return await self._changed(
            "UPDATE session SET tokens = $3, generation = generation + 1, refresh_at = $4, failing_since = NULL, "
            "name = $5, roles = $6, tenant = $7, version = version + $8 "
            "WHERE id = $1 AND generation = $2 RETURNING id",
            session.id,
            kept.generation,
            self._seal.seal(msgspec.json.encode(tokens), session.id),
            None if due is None else int(due),
            says.name,
            roles_as_kept(says.roles),
            says.tenant,
            int(is_other),
        )

    async def postpone(self, kept: Kept, until: int, now: int) -> None:
        """Note that the provider did not answer, and when to ask it again."""
        await self._changed(
            "UPDATE session SET refresh_at = $3, failing_since = $4 WHERE id = $1 AND generation = $2 RETURNING id",
            kept.session.id,
            kept.generation,
            until,
            now if kept.failing_since is None else kept.failing_since,
        )

    async def is_current(self, kept: Kept) -> bool:
        """Whether nobody has changed the tokens since."""
        rows = await self._database.read(
            "SELECT 1 FROM session WHERE id = $1 AND generation = $2", (kept.session.id, kept.generation)
        )
        return bool(rows)

    async def _changed(self, sql: str, *params: str | int | None) -> bool:
        [rows] = await self._database.write([Statement(sql, params)])
        return bool(rows)

    def _opened(self, session_id: str, sealed: str) -> TokenSet | None:
        try:
            return msgspec.json.decode(self._seal.unseal(sealed, session_id), type=TokenSet)
        except SealBroken as error:
            _logger.warning("The tokens of a session cannot be read: %s", error)
            return None

"""A person's own sessions: where they are signed in, and ending some of them from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portico.host.clock import Clock
from portico.host.session.browsers import UNKNOWN
from portico.host.session.session import Session
from portico.host.session.session_tokens import SessionTokens
from portico.host.session.sessions import Sessions
from portico.host.session.settings import SessionSettings
from portico.sql import Database

SHOWN = 16
"""Digits of a session's id that name it to its owner: they open nothing."""


@dataclass(frozen=True, slots=True)
class MySession:
    """One session as its owner sees it; times are whole seconds since the epoch."""

    id: str
    browser: str
    created_at: int
    last_seen_at: int
    is_this_one: bool


class MySessions:
    """Lists and ends the sessions of who asks, nobody else's. All methods raise `portico.sql.SqlError`."""

    def __init__(
        self,
        database: Database,
        *,
        settings: SessionSettings,
        sessions: Sessions,
        tokens: SessionTokens,
        clock: Clock,
    ) -> None:
        self._database = database
        self._issuer = settings.provider.issuer
        self._idle = settings.idle
        self._sessions = sessions
        self._tokens = tokens
        self._clock = clock

    async def of(self, me: Session) -> Sequence[MySession]:
        """Every live session of the person: this one first, then the one seen last."""
        now = int(self._clock())
        rows = await self._database.read(
            "SELECT id, browser, created_at, last_seen_at FROM session "
            "WHERE issuer = $1 AND sub = $2 AND expires_at > $3 AND last_seen_at > $4 "
            "ORDER BY last_seen_at DESC, created_at DESC, id",
            (self._issuer, me.sub, now, now - self._idle),
        )
        mine = [
            MySession(str(id_), str(browser) or UNKNOWN, int(created or 0), int(seen or 0), id_ == me.id)
            for id_, browser, created, seen in rows
        ]
        return sorted(mine, key=lambda one: not one.is_this_one)

    async def end(self, me: Session, shown: str) -> MySession | None:
        """End one of them by the first digits of its id; which it was, or `None` when there is none of that name."""
        found = [one for one in await self.of(me) if one.id[:SHOWN] == shown]
        for one in found:
            await self._end(one)
        return found[0] if found else None

    async def end_others(self, me: Session) -> Sequence[MySession]:
        """End all but this one; which they were."""
        others = [one for one in await self.of(me) if not one.is_this_one]
        for one in others:
            await self._end(one)
        return others

    async def _end(self, one: MySession) -> None:
        tokens = await self._sessions.end(one.id)
        if tokens is not None:
            self._tokens.let_go(tokens)

"""Sessions: who is behind a cookie, asked of the database every time, so that an ended session is over at once."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe

import msgspec

from portico.host.clock import Clock
from portico.host.session.cookies import Cookies, RawHeaders
from portico.host.session.person import Person, TokenSet
from portico.host.session.sealing import Seal, SealBroken
from portico.host.session.settings import SessionSettings
from portico.sql import Database, Row, SqlError, Statement

_SEEN_EVERY_S = 60
_MOST_PRESENTED = 4  # cookies of one request that are worth a write each; an honest browser has one
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits in base64url
_ROLES = msgspec.json.Decoder(tuple[str, ...])
_COLUMNS = "id, sub, name, roles, tenant, last_seen_at, expires_at, version"

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person as the host sees them. `id` is the SHA-256 of the secret in the cookie, in hexadecimal.

    `expires_at` is in seconds since the epoch: when the session ends if nothing more is heard. `version` grows with
    every change of what the session says.
    """

    id: str
    sub: str
    name: str
    roles: tuple[str, ...]
    tenant: str | None
    expires_at: float
    version: int


class Sessions:
    """The sessions of one provider. `forget_too` are statements with a session's id as $1, for what ends with it.

    All methods raise `portico.sql.SqlError` when the store is unavailable.
    """

    def __init__(
        self,
        database: Database,
        *,
        settings: SessionSettings,
        seal: Seal,
        clock: Clock,
        forget_too: Sequence[str] = (),
    ) -> None:
        self._database = database
        self._forget_too = tuple(forget_too)
        self._issuer = settings.provider.issuer
        self._idle = settings.idle
        self._absolute = settings.absolute
        self._cookies = Cookies(secure=settings.is_secure)
        self._seal = seal
        self._clock = clock
        self._when_ended: list[Callable[[str], None]] = []

    def when_ended(self, listener: Callable[[str], None]) -> None:
        """Have `listener` told the id of every session that this process ends from now on."""
        self._when_ended.append(listener)

    async def identify(self, headers: RawHeaders) -> Session | None:
        """The live session behind a request's cookie (`headers` as in an ASGI scope); one small read.

        A request with two session cookies has none: one of them was planted.
        """
        return await self._identify(headers, is_heard=True)

    async def look_up(self, headers: RawHeaders) -> Session | None:
        """As `identify`, for what an open page does by itself: it shows no person there, and keeps no session on."""
        return await self._identify(headers, is_heard=False)

    async def alive(self, session_ids: Sequence[str]) -> frozenset[str]:
        """Those of these sessions that are on; one small read for all of them."""
        now = int(self._clock())
        rows = await self._database.read(
            "SELECT id FROM session WHERE id IN (SELECT value FROM json_each($1)) AND issuer = $2 AND expires_at > $3 "
            "AND last_seen_at > $4",
            (msgspec.json.encode(session_ids).decode(), self._issuer, now, now - self._idle),
        )
        return frozenset(str(row[0]) for row in rows)

    async def _identify(self, headers: RawHeaders, *, is_heard: bool) -> Session | None:
        presented = self._cookies.sessions(headers)
        if len(presented) != 1 or not _SECRET.fullmatch(presented[0]):
            return None
        rows = await self._database.read(
            f"SELECT {_COLUMNS} FROM session WHERE id = $1 AND issuer = $2",  # noqa: S608 - a constant
            (_digest(presented[0]), self._issuer),
        )
        if not rows:
            return None
        now = int(self._clock())
        session, last_seen = self._session(rows[0])
        if now >= session.expires_at:
            return None
        if is_heard and now - last_seen >= _SEEN_EVERY_S:
            await self._note_seen(session.id, now)
        return session

    async def create(self, person: Person, tokens: TokenSet) -> tuple[str, Session]:
        """A new session and the secret for its cookie. Forgets sessions that are over."""
        now = int(self._clock())
        secret = token_urlsafe(32)
        session_id, expires_at = _digest(secret), now + self._absolute
        forget = Statement("DELETE FROM session WHERE expires_at <= $1 OR last_seen_at <= $2", (now, now - self._idle))
        insert = Statement(
            "INSERT INTO session (id, issuer, sub, sid, name, roles, tenant, tokens, created_at, last_seen_at, "
            "expires_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, 1)",
            (
                session_id,
                self._issuer,
                person.sub,
                person.sid,
                person.name,
                msgspec.json.encode(person.roles).decode(),
                person.tenant,
                self._seal.seal(msgspec.json.encode(tokens), session_id),
                now,
                expires_at,
            ),
        )
        await self._database.write([forget, insert])
        ends = float(min(expires_at, now + self._idle))
        return secret, Session(session_id, person.sub, person.name, person.roles, person.tenant, ends, 1)

    async def end(self, session_id: str) -> TokenSet | None:
        """End a session at once; its tokens, for signing out at the provider, or `None` when there was none."""
        [rows, *_] = await self._database.write(
            [
                Statement("DELETE FROM session WHERE id = $1 RETURNING tokens", (session_id,)),
                *(Statement(sql, (session_id,)) for sql in self._forget_too),
            ]
        )
        self._tell_ended([session_id] if rows else [])
        return self._tokens(session_id, str(rows[0][0])) if rows else None

    async def end_presented(self, headers: RawHeaders) -> TokenSet | None:
        """End every session whose cookie a request brings, live or not; the tokens of one of them."""
        tokens = None
        presented = [secret for secret in self._cookies.sessions(headers) if _SECRET.fullmatch(secret)]
        for secret in presented[:_MOST_PRESENTED]:
            tokens = await self.end(_digest(secret)) or tokens
        return tokens

    async def end_by_sid(self, sid: str) -> tuple[str, ...]:
        """End the sessions that came of one sign-in at the provider; their ids, for closing what hangs on them."""
        [rows] = await self._database.write(
            [Statement("DELETE FROM session WHERE issuer = $1 AND sid = $2 RETURNING id", (self._issuer, sid))]
        )
        ended = tuple(str(row[0]) for row in rows)
        others = [Statement(sql, (session_id,)) for session_id in ended for sql in self._forget_too]
        if others:
            await self._database.write(others)
        self._tell_ended(ended)
        return ended

    async def tokens(self, session_id: str) -> TokenSet | None:
        """The provider's tokens of a session."""
        rows = await self._database.read("SELECT tokens FROM session WHERE id = $1", (session_id,))
        return self._tokens(session_id, str(rows[0][0])) if rows else None

    def _tell_ended(self, session_ids: Sequence[str]) -> None:
        for session_id in session_ids:
            for listener in self._when_ended:
                listener(session_id)

    def _session(self, row: Row) -> tuple[Session, int]:
        """The session in a row, and when it was last seen."""
        session_id, sub, name, roles, tenant, last_seen, expires_at, version = row
        seen = int(last_seen or 0)
        session = Session(
            id=str(session_id),
            sub=str(sub),
            name=str(name),
            roles=_ROLES.decode(str(roles)),
            tenant=None if tenant is None else str(tenant),
            expires_at=float(min(int(expires_at or 0), seen + self._idle)),
            version=int(version or 0),
        )
        return session, seen

    def _tokens(self, session_id: str, sealed: str) -> TokenSet | None:
        try:
            return msgspec.json.decode(self._seal.unseal(sealed, session_id), type=TokenSet)
        except SealBroken as error:
            _logger.warning("The tokens of a session cannot be read: %s", error)
            return None

    async def _note_seen(self, session_id: str, now: int) -> None:
        """Push the idle expiry out. A store that cannot write must not sign anybody out, so failing is only logged."""
        seen = Statement("UPDATE session SET last_seen_at = $1 WHERE id = $2 AND last_seen_at < $1", (now, session_id))
        try:
            await self._database.write([seen])
        except SqlError as error:
            _logger.warning("Cannot note that a session was seen: %s", error)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()

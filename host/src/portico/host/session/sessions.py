"""Sessions: who is behind a cookie, as the database has it with every request: an ended session is over at once."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from secrets import token_urlsafe

import msgspec

from portico.host.clock import Clock
from portico.host.session.cookies import Cookies, RawHeaders
from portico.host.session.due import refresh_at
from portico.host.session.person import Person, TokenSet
from portico.host.session.sealing import Seal, SealBroken
from portico.host.session.session import COLUMNS, Session, roles_as_kept, session_in
from portico.host.session.settings import SessionSettings
from portico.sql import Database, SqlError, Statement

_SEEN_EVERY_S = 60
_MOST_PRESENTED = 4  # cookies of one request that are worth a write each; an honest browser has one
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")  # 256 bits in base64url
_MOST_EACH = 50  # sessions of one person; the one not seen for longest gives way
_ASKED_AT_ONCE = 256  # sessions in one statement
_ONE = f"SELECT {COLUMNS} FROM session WHERE id = $1 AND issuer = $2"  # noqa: S608 - a constant

_logger = logging.getLogger(__name__)


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
        """The live session behind a request's cookie (`headers` as in an ASGI scope); one small read at most.

        A request with two session cookies has none: one of them was planted.
        """
        return await self._identify(headers, is_heard=True)

    async def look_up(self, headers: RawHeaders) -> Session | None:
        """As `identify`, for what an open page does by itself: it shows no person there, and keeps no session on."""
        return await self._identify(headers, is_heard=False)

    async def alive(self, session_ids: Sequence[str]) -> frozenset[str]:
        """Those of these sessions that are on; one small read for every 256 of them."""
        now = int(self._clock())
        on: set[str] = set()
        for start in range(0, len(session_ids), _ASKED_AT_ONCE):
            asked = session_ids[start : start + _ASKED_AT_ONCE]
            rows = await self._database.read(
                f"SELECT id FROM session WHERE issuer = $1 AND expires_at > $2 AND last_seen_at > $3 "  # noqa: S608
                f"AND id IN ({_places(len(asked), after=3)})",
                (self._issuer, now, now - self._idle, *_filled(asked)),
            )
            on.update(str(row[0]) for row in rows)
        return frozenset(on)

    async def _identify(self, headers: RawHeaders, *, is_heard: bool) -> Session | None:
        presented = self._cookies.sessions(headers)
        if len(presented) != 1 or not _SECRET.fullmatch(presented[0]):
            return None
        rows = await self._database.recall(_ONE, (_digest(presented[0]), self._issuer))
        if not rows:
            return None
        now = int(self._clock())
        session, last_seen = session_in(rows[0], idle=self._idle)
        if now >= session.expires_at:
            return None
        if is_heard and now - last_seen >= _SEEN_EVERY_S:
            await self._note_seen(session.id, now)
        return session

    async def create(self, person: Person, tokens: TokenSet, *, browser: str = "") -> tuple[str, Session]:
        """A new session and the secret for its cookie; `browser` is what its owner will know it by.

        Forgets sessions that are over, and ends those of the same person that are too many.
        """
        now = int(self._clock())
        secret = token_urlsafe(32)
        session_id, expires_at, due = _digest(secret), now + self._absolute, refresh_at(tokens, now)
        forget = Statement("DELETE FROM session WHERE expires_at <= $1 OR last_seen_at <= $2", (now, now - self._idle))
        crowded_out = Statement(
            "DELETE FROM session WHERE id IN (SELECT id FROM session WHERE issuer = $1 AND sub = $2 "
            "ORDER BY last_seen_at DESC, created_at DESC, id LIMIT 1000 OFFSET $3) RETURNING id",
            (self._issuer, person.sub, _MOST_EACH - 1),
        )
        insert = Statement(
            "INSERT INTO session (id, issuer, sub, sid, name, roles, tenant, tokens, created_at, last_seen_at, "
            "expires_at, version, browser, refresh_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, 1, $11, $12)",
            (
                session_id,
                self._issuer,
                person.sub,
                person.sid,
                person.name,
                roles_as_kept(person.roles),
                person.tenant,
                self._seal.seal(msgspec.json.encode(tokens), session_id),
                now,
                expires_at,
                browser,
                due,
            ),
        )
        abandoned = Statement("DELETE FROM session_lease WHERE session_id NOT IN (SELECT id FROM session)")
        _, ended, *_ = await self._database.write([forget, crowded_out, insert, abandoned])
        await self._forget_with([str(row[0]) for row in ended])
        ends = float(min(expires_at, now + self._idle))
        return secret, Session(session_id, person.sub, person.name, person.roles, person.tenant, ends, 1, due)

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

    async def end_at_provider(
        self, *, sub: str | None = None, sid: str | None = None, together: Sequence[Statement] = ()
    ) -> tuple[str, ...]:
        """End the sessions of one sign-in at the provider (`sid`), of one person (`sub`), or those that both fit.

        `together` happens with it or not at all. A session of that person without a `sid` of its own ends with any.
        Returns the ids, for closing what hangs on them.
        """
        match sub, sid:
            case None, str():
                which, params = "sid = $2", [sid]
            case str(), None:
                which, params = "sub = $2", [sub]
            case str(), str():
                which, params = "sub = $2 AND (sid = $3 OR sid IS NULL)", [sub, sid]
            case _:
                return ()
        delete = f"DELETE FROM session WHERE issuer = $1 AND {which} RETURNING id"  # noqa: S608 - one of three texts
        *_, rows = await self._database.write([*together, Statement(delete, (self._issuer, *params))])
        ended = tuple(str(row[0]) for row in rows)
        await self._forget_with(ended)
        return ended

    async def tokens(self, session_id: str) -> TokenSet | None:
        """The provider's tokens of a session."""
        rows = await self._database.read("SELECT tokens FROM session WHERE id = $1", (session_id,))
        return self._tokens(session_id, str(rows[0][0])) if rows else None

    async def _forget_with(self, session_ids: Sequence[str]) -> None:
        """See to what hangs on sessions that are gone."""
        others = [Statement(sql, (session_id,)) for session_id in session_ids for sql in self._forget_too]
        if others:
            await self._database.write(others)
        self._tell_ended(session_ids)

    def _tell_ended(self, session_ids: Sequence[str]) -> None:
        for session_id in session_ids:
            for listener in self._when_ended:
                listener(session_id)

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


def _places(count: int, *, after: int) -> str:
    """Parameters for `_filled`, numbered from `after` + 1."""
    return ", ".join(f"${number}" for number in range(after + 1, after + 1 + _rounded(count)))


def _filled(values: Sequence[str]) -> list[str]:
    """The values, the last one repeated: few lengths are few texts of statements, which databases prepare once."""
    return [*values, *([values[-1]] * (_rounded(len(values)) - len(values)))]


def _rounded(count: int) -> int:
    return int(1 << (count - 1).bit_length())

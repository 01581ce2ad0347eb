"""Refresh grants: rotated at every use, ended when a used one comes back (RFC 9700, 4.14)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory

from portico.host.clock import Clock
from portico.host.devidp.logins import Login
from portico.sql import Database, Migration, SqliteDatabase, Statement

_MIGRATIONS = (
    Migration(
        "devidp/0001-refresh",
        """CREATE TABLE refresh_grant (
             family TEXT PRIMARY KEY,
             token_hash TEXT NOT NULL,
             client_id TEXT NOT NULL,
             scope TEXT NOT NULL,
             sub TEXT NOT NULL,
             sid TEXT NOT NULL,
             signed_in_at BIGINT NOT NULL,
             expires_at BIGINT NOT NULL
           );
           CREATE INDEX refresh_grant_sid ON refresh_grant (sid);""",
    ),
)


@dataclass(frozen=True, slots=True)
class RefreshGrant:
    """What a refresh token stands for."""

    scope: str
    login: Login


class RefreshGrants:
    """One row per family; a token is `<family>.<secret>`, and only the newest secret of a family is good.

    An older one shows that somebody copied it, so the family ends.
    """

    def __init__(self, database: Database, clock: Clock, lifetime: int) -> None:
        self._database = database
        self._clock = clock
        self._lifetime = lifetime

    async def issue(self, family: str, client_id: str, scope: str, login: Login) -> str:
        """Begin a family: its first token."""
        now = int(self._clock())
        token = f"{family}.{token_urlsafe(32)}"
        values = (family, _digest(token), client_id, scope, login.sub, login.sid, login.at, now + self._lifetime)
        await self._database.write(
            [
                Statement("DELETE FROM refresh_grant WHERE expires_at <= $1", (now,)),
                Statement("INSERT INTO refresh_grant VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", values),
            ]
        )
        return token

    async def rotate(self, token: str, client_id: str) -> tuple[RefreshGrant, str] | None:
        """The grant and the next token; `None`, and the end of the family, for any other token."""
        family = token.partition(".")[0]
        fresh = f"{family}.{token_urlsafe(32)}"
        rotate = Statement(
            "UPDATE refresh_grant SET token_hash = $1 WHERE family = $2 AND token_hash = $3 AND client_id = $4 "
            "AND expires_at > $5 RETURNING scope, sub, sid, signed_in_at",
            (_digest(fresh), family, _digest(token), client_id, int(self._clock())),
        )
        [rows] = await self._database.write([rotate])
        if not rows:
            await self._database.write(
                [Statement("DELETE FROM refresh_grant WHERE family = $1 AND client_id = $2", (family, client_id))]
            )
            return None
        scope, sub, sid, signed_in_at = rows[0]
        return RefreshGrant(str(scope), Login(str(sub), str(sid), int(signed_in_at or 0))), fresh

    async def revoke(self, token: str, client_id: str) -> None:
        """End the family of a token that its client gives up; an unknown token, or another's, changes nothing."""
        family = token.partition(".")[0]
        end = "DELETE FROM refresh_grant WHERE family = $1 AND token_hash = $2 AND client_id = $3"
        await self._database.write([Statement(end, (family, _digest(token), client_id))])

    async def lives(self, sid: str, client_id: str) -> bool:
        """Whether a sign-in still gives this client anything."""
        query = "SELECT 1 FROM refresh_grant WHERE sid = $1 AND client_id = $2 AND expires_at > $3"
        return bool(await self._database.read(query, (sid, client_id, int(self._clock()))))

    async def end_family(self, family: str) -> None:
        """End one family, for its code came a second time."""
        await self._database.write([Statement("DELETE FROM refresh_grant WHERE family = $1", (family,))])

    async def end_login(self, sid: str) -> frozenset[str]:
        """End everything that came of one sign-in; the ids of the clients that had something of it."""
        [rows] = await self._database.write(
            [Statement("DELETE FROM refresh_grant WHERE sid = $1 RETURNING client_id", (sid,))]
        )
        return frozenset(str(row[0]) for row in rows)


@asynccontextmanager
async def refresh_database(data_dir: Path | None) -> AsyncIterator[Database]:
    """The database of the refresh grants, in `data_dir` or, without one, in a folder that vanishes."""
    with ExitStack() as stack:
        folder = data_dir or Path(stack.enter_context(TemporaryDirectory(prefix="portico-dev-idp-")))
        folder.mkdir(parents=True, exist_ok=True)
        database = await SqliteDatabase.open(folder / "dev-idp.db", migrations=_MIGRATIONS)
        try:
            yield database
        finally:
            await database.close()


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()

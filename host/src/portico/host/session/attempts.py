"""Login attempts: one record per attempt, on the server, so that two tabs can sign in at once."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe

import msgspec

from portico.host.clock import Clock
from portico.host.session.errors import SignInExpired
from portico.host.session.sealing import Seal
from portico.sql import Database, Statement

LIFETIME_S = 600


class Attempt(msgspec.Struct, frozen=True):
    """What the host must remember until the provider sends the person back."""

    nonce: str
    verifier: str
    return_to: str


class LoginAttempts:
    """Begins attempts and ends each at most once.

    Two secrets are needed to end one: `state`, which travels through the provider, and the `secret` in a cookie of the
    browser that began it. Of both, the database knows digests only.
    """

    def __init__(self, database: Database, *, seal: Seal, clock: Clock) -> None:
        self._database = database
        self._seal = seal
        self._clock = clock

    async def begin(self, return_to: str) -> tuple[str, str, Attempt]:
        """A new attempt: its `state`, its `secret`, and what is remembered. Forgets those that took too long."""
        now = int(self._clock())
        state, secret = token_urlsafe(32), token_urlsafe(32)
        attempt = Attempt(nonce=token_urlsafe(32), verifier=token_urlsafe(48), return_to=return_to)
        state_hash = _digest(state)
        sealed = self._seal.seal(msgspec.json.encode(attempt), state_hash)
        await self._database.write(
            [
                Statement("DELETE FROM login_attempt WHERE expires_at <= $1", (now,)),
                Statement(
                    "INSERT INTO login_attempt (state_hash, secret_hash, sealed, expires_at) VALUES ($1, $2, $3, $4)",
                    (state_hash, _digest(secret), sealed, now + LIFETIME_S),
                ),
            ]
        )
        return state, secret, attempt

    async def end(self, state: str, secret: str) -> Attempt:
        """The attempt, which is over with this call; raises SignInExpired unless it is alive and this browser's."""
        take = Statement(
            "DELETE FROM login_attempt WHERE state_hash = $1 AND secret_hash = $2 AND expires_at > $3 RETURNING sealed",
            (_digest(state), _digest(secret), int(self._clock())),
        )
        [rows] = await self._database.write([take])
        if not rows:
            raise SignInExpired("the login attempt is unknown, used, expired or another browser's")
        return msgspec.json.decode(self._seal.unseal(str(rows[0][0]), _digest(state)), type=Attempt)


def _digest(value: str) -> str:
    return sha256(value.encode()).hexdigest()

"""The cookie that holds a session's overrides: sealed, of no use in any other session, and over after a day's work."""

from __future__ import annotations

import msgspec
from starlette.responses import Response

from portico.host.clock import Clock
from portico.host.overrides.override import NONE, Override, Overrides
from portico.host.session import RawHeaders, Seal, cookie_values
from portico.host.session.sealing import SealBroken

LIFETIME_S = 8 * 3600
LONGEST = 3800
"""Bytes of a cookie's value: browsers keep 4,096 with its name (RFC 6265bis, 5.6)."""
_NAME = "portico-overrides"
_DECODER = msgspec.json.Decoder(Overrides)


class OverrideCookie:
    """Sealed for the session it was given to: who copies it to another, or changes it, has nothing."""

    def __init__(self, seal: Seal, clock: Clock, *, secure: bool) -> None:
        self._seal = seal
        self._clock = clock
        self._secure = secure
        self.name = f"{'__Host-' if secure else ''}{_NAME}"

    def read(self, headers: RawHeaders, session_id: str) -> Overrides:
        """The overrides that a request brings; none when they are another session's, expired or broken."""
        presented = cookie_values(headers, self.name)
        if len(presented) != 1:
            return NONE
        try:
            overrides = _DECODER.decode(self._seal.unseal(_padded(presented[0]), _context(session_id)))
        except (SealBroken, msgspec.DecodeError):
            return NONE
        return overrides if self._clock() < overrides.expires_at else NONE

    def sealed(self, apps: dict[str, Override], session_id: str) -> tuple[Overrides, str]:
        """These overrides from now on, and the cookie's value, which may be longer than `LONGEST`."""
        overrides = Overrides(apps, int(self._clock()) + LIFETIME_S)
        # A cookie's value holds no `=`, or it would be quoted.
        return overrides, self._seal.seal(msgspec.json.encode(overrides), _context(session_id)).rstrip("=")

    def give(self, response: Response, value: str) -> None:
        """Hand a sealed value to the browser."""
        response.set_cookie(
            self.name, value, max_age=LIFETIME_S, path="/", secure=self._secure, httponly=True, samesite="strict"
        )

    def take(self, response: Response) -> None:
        """Take the overrides back."""
        response.delete_cookie(self.name, path="/", secure=self._secure, httponly=True, samesite="strict")


def _padded(value: str) -> str:
    return value + "=" * (-len(value.partition(".")[2]) % 4)


def _context(session_id: str) -> str:
    return f"overrides:{session_id}"

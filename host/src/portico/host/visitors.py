"""Who a browser is as long as nobody is signed in: an id of its own, so that a rollout shows it one side, always."""

from __future__ import annotations

import re
from secrets import token_urlsafe
from typing import Protocol

from portico.host.session import RawHeaders, cookie_values

LIFETIME_S = 365 * 24 * 3600
_NAME = "portico-visitor"
_BITS = 128
_ID = re.compile(r"[A-Za-z0-9_-]{22}")  # 128 bits in base64url


class Someone(Protocol):
    """A signed-in person, as far as it matters here."""

    @property
    def sub(self) -> str: ...  # noqa: D102


class VisitorCookie:
    """An id that says nothing but that this is the same browser; asked for and set only while there is a rollout."""

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        self.name = f"{'__Host-' if secure else ''}{_NAME}"

    def read(self, headers: RawHeaders) -> str | None:
        """The id that a request brings, if it is one and the only one."""
        presented = cookie_values(headers, self.name)
        return presented[0] if len(presented) == 1 and _ID.fullmatch(presented[0]) else None

    def header(self, visitor: str) -> str:
        """The `Set-Cookie` that gives a browser its id, for a year."""
        secure = "; Secure" if self._secure else ""
        return f"{self.name}={visitor}; Path=/; Max-Age={LIFETIME_S}; HttpOnly; SameSite=Lax{secure}"


def new_visitor() -> str:
    """An id for a browser: 128 random bits."""
    return token_urlsafe(_BITS // 8)


def person_key(person: Someone) -> str:
    """What cohorts know a signed-in person by."""
    return f"sub:{person.sub}"


def browser_key(visitor: str) -> str:
    """What cohorts know a browser by in which nobody is signed in."""
    return f"anon:{visitor}"

"""The host's cookies: their names, their attributes, and how a request's are read.

Sources: RFC 6265bis (the `__Host-` prefix, SameSite).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import sha256
from typing import Literal

from starlette.responses import Response

RawHeaders = Collection[tuple[bytes, bytes]]
"""Headers as ASGI has them: lower-case names, bytes."""

_SameSite = Literal["strict", "lax"]
_NAME = "portico"
_ATTEMPT = "portico-login-"


class Cookies:
    """Session and login-attempt cookies.

    Over TLS their names begin with `__Host-`, so that no other host, subdomain or path can plant one. Plain http, which
    is for loopback alone, cannot have that.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure
        prefix = "__Host-" if secure else ""
        self.session_name = f"{prefix}{_NAME}"
        self._attempt_prefix = f"{prefix}{_ATTEMPT}"

    def sessions(self, headers: RawHeaders) -> list[str]:
        """Every session secret that a request brings; more than one means that somebody planted a cookie."""
        return cookie_values(headers, self.session_name)

    def set_session(self, response: Response, secret: str) -> None:
        """Give the browser its session, until it closes; the server decides how long it lasts."""
        self._set(response, self.session_name, secret, samesite="strict")

    def clear_session(self, response: Response) -> None:
        """Take the session back."""
        self._clear(response, self.session_name, samesite="strict")

    def attempt(self, headers: RawHeaders, state: str) -> str | None:
        """The secret of the login attempt that `state` belongs to."""
        found = cookie_values(headers, self._attempt_name(state))
        return found[0] if len(found) == 1 else None

    def attempts(self, headers: RawHeaders) -> list[str]:
        """The names of all attempts that this browser has under way, oldest first."""
        return [name for name, _ in _pairs(headers) if name.startswith(self._attempt_prefix)]

    def set_attempt(self, response: Response, state: str, secret: str, lifetime: int) -> None:
        """Bind a login attempt to this browser for `lifetime` seconds. Lax: the provider sends people back here."""
        self._set(response, self._attempt_name(state), secret, samesite="lax", max_age=lifetime)

    def clear_attempt(self, response: Response, state: str) -> None:
        """Drop the cookie of an attempt that is over."""
        self.clear_attempt_named(response, self._attempt_name(state))

    def clear_attempt_named(self, response: Response, name: str) -> None:
        """Drop an attempt's cookie by the name that `attempts` gave."""
        self._clear(response, name, samesite="lax")

    def _attempt_name(self, state: str) -> str:
        return f"{self._attempt_prefix}{sha256(state.encode()).hexdigest()[:16]}"

    def _set(
        self, response: Response, name: str, value: str, *, samesite: _SameSite, max_age: int | None = None
    ) -> None:
        response.set_cookie(
            name, value, max_age=max_age, path="/", secure=self._secure, httponly=True, samesite=samesite
        )

    def _clear(self, response: Response, name: str, *, samesite: _SameSite) -> None:
        response.delete_cookie(name, path="/", secure=self._secure, httponly=True, samesite=samesite)


def cookie_values(headers: RawHeaders, name: str) -> list[str]:
    """Every value that a request brings under a cookie's name; an honest browser brings one at most."""
    wanted = name.encode()
    for header, content in headers:
        if header == b"cookie" and wanted in content:
            return [value for known, value in _pairs(headers) if known == name]
    return []  # most requests have none of most cookies, and taking them all apart costs


def _pairs(headers: RawHeaders) -> Iterable[tuple[str, str]]:
    for header, content in headers:
        if header == b"cookie":  # HTTP/2 may split it into several
            for pair in content.decode("latin-1").split(";"):
                name, equals, value = pair.strip(" \t").partition("=")
                if equals:
                    yield name, value

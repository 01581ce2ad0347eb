"""Which requests may reach the API at all: the defence against forged cross-site requests.

The session cookie is SameSite=Strict already; this is the second wall. A cross-site page cannot set `X-Portico`
without a preflight that nobody answers, and `Sec-Fetch-Site` cannot be set by script at all (Fetch Metadata; RFC 10017,
section on CSRF).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from portico.host.gateway.headers import Header, header
from portico.problem import Problem

SAFE_METHODS = frozenset({"GET", "HEAD"})
METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LONGEST_HEADER = 4096
"""Bytes of a `Portico-...` header: room for the names of 20 commands that one replaces."""
# Decoded forms of these would let a path mean one thing here and another at the BFF.
_AMBIGUOUS = ("%2f", "%5c", "%00", "\\")


def check_same_origin(method: str, headers: Sequence[Header], base_url: str) -> None:
    """Raise a 403 problem unless the request comes from our own page, or is a plain navigation of a person."""
    site = header(headers, b"sec-fetch-site")
    if _is_safe_navigation(method, headers, site):
        return
    check_own_page(headers, base_url)


def check_own_page(headers: Sequence[Header], base_url: str) -> None:
    """Raise a 403 problem unless script of our own page made the request."""
    if header(headers, b"x-portico") != "1":
        raise Problem(
            type="missing-portico-header",
            title="The X-Portico header is missing",
            status=403,
            detail="Send `X-Portico: 1` with every API call; the sdk does it for you.",
        )
    site, origin = header(headers, b"sec-fetch-site"), header(headers, b"origin")
    same = site == "same-origin" if site is not None else origin in {None, base_url}
    if not same:
        raise Problem(
            type="cross-site-request",
            title="This call comes from another site",
            status=403,
            detail="The API answers only its own pages.",
        )


def check_lengths(headers: Sequence[Header]) -> None:
    """Raise a 400 problem when one of our own headers is longer than any that makes sense."""
    for name, value in headers:
        if name.startswith(b"portico-") and len(value) > LONGEST_HEADER:
            detail = f"{name.decode('latin-1')} has at most {LONGEST_HEADER} bytes."
            raise Problem("header-too-long", status=400, title="A header is too long", detail=detail)


def check_person(headers: Sequence[Header], sub: str) -> None:
    """Raise a 401 problem when the request was meant for another person than `sub`, who is signed in now.

    `Portico-Person` (percent-encoded UTF-8) says whose a command was when it was made. It may have waited on the device
    while somebody else signed in there; the cookie then is theirs, and the command is not.
    """
    for name, value in headers:
        if name == b"portico-person" and _decoded(value) != sub:
            raise other_person()


def signed_out() -> Problem:
    """401 `signed-out`: there is no live session."""
    return Problem(
        "signed-out",
        status=401,
        title="You are not signed in",
        detail="Sign in at /auth/sign-in; calls to the API are answered for signed-in people only.",
        headers={"WWW-Authenticate": 'Session realm="portico"'},
    )


def other_person() -> Problem:
    """401 `other-person`: the call is somebody else's than the session's."""
    return Problem(
        "other-person",
        status=401,
        title="Somebody else is signed in",
        detail="The call was meant for another person than the one who is signed in here now.",
        headers={"WWW-Authenticate": 'Session realm="portico"'},
    )


def check_method(method: str) -> None:
    """Raise a 405 problem for a method that no API here has (TRACE, CONNECT, WebDAV's, made-up ones)."""
    if method not in METHODS:
        raise Problem.of_status(405, headers={"Allow": ", ".join(sorted(METHODS))})


def check_path(raw_path: bytes) -> None:
    """Raise a 400 problem for a path that a BFF might read differently from the gateway."""
    path = raw_path.split(b"?", 1)[0].decode("latin-1").lower()
    segments = path.replace("%2e", ".").split("/")
    if ".." in segments or "." in segments or "" in segments[1:-1] or any(mark in path for mark in _AMBIGUOUS):
        raise Problem(
            type="ambiguous-path",
            title="The path is ambiguous",
            status=400,
            detail="An API path has no empty, `.` or `..` segments, and no encoded slash, backslash or NUL.",
        )


def _decoded(value: bytes) -> str | None:
    try:
        return unquote(value.decode("ascii"), errors="strict")
    except UnicodeDecodeError:
        return None


def _is_safe_navigation(method: str, headers: Sequence[Header], site: str | None) -> bool:
    return (
        method in SAFE_METHODS
        and site in {"same-origin", "none"}
        and header(headers, b"sec-fetch-mode") == "navigate"
        and header(headers, b"sec-fetch-dest") == "document"
    )

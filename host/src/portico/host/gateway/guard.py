"""Which requests may reach the API at all: the defence against forged cross-site requests.

The session cookie is SameSite=Strict already; this is the second wall. A cross-site page cannot set `X-Portico`
without a preflight that nobody answers, and `Sec-Fetch-Site` cannot be set by script at all (Fetch Metadata; RFC 10017,
section on CSRF).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from portico.host.gateway.headers import Header, first_values, header
from portico.host.gateway.refusals import other_person
from portico.problem import Problem

SAFE_METHODS = frozenset({"GET", "HEAD"})
METHODS = SAFE_METHODS | {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
LONGEST_HEADER = 4096
"""Bytes of a `Portico-...` header: room for the names of 20 commands that one replaces."""
# What would let a path mean one thing here and another at the BFF: an encoded slash, backslash or control character,
# the same encoded twice (`%252f`), a percent sign that begins nothing, and what is no byte of a path.
_AMBIGUOUS = re.compile(r"%(?:25)*(?:2f|5c|[01][0-9a-f]|7f)|%(?:25)+2e|%(?![0-9a-f]{2})|[\\\x00-\x20\x7f-\xff]")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_ALWAYS = frozenset({b"content-length", b"host", b"transfer-encoding"})


def check_same_origin(method: str, headers: Sequence[Header], base_url: str) -> None:
    """Raise a 403 problem unless the request comes from our own page, or is a plain navigation of a person."""
    said = first_values(headers)
    if not _is_safe_navigation(method, said):
        _check_own_page(said, base_url)


def check_own_page(headers: Sequence[Header], base_url: str) -> None:
    """Raise a 403 problem unless script of our own page made the request."""
    _check_own_page(first_values(headers), base_url)


def _check_own_page(said: Mapping[bytes, bytes], base_url: str) -> None:
    if said.get(b"x-portico") != b"1":
        raise Problem(
            type="missing-portico-header",
            title="The X-Portico header is missing",
            status=403,
            detail="Send `X-Portico: 1` with every API call; the sdk does it for you.",
        )
    site, origin = said.get(b"sec-fetch-site"), said.get(b"origin")
    same = site == b"same-origin" if site is not None else origin in {None, base_url.encode()}
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


def check_framing(headers: Sequence[Header]) -> None:
    """Raise a 400 problem for a request whose length, or whose host, two servers could read differently.

    Request smuggling: RFC 9112, sections 3.2, 6.1 and 6.3. The server in front has refused most of it; another may not.
    """
    said = [(name, value) for name, value in headers if name in _ALWAYS]
    names = [name for name, _ in said]
    if len(names) != len(set(names)) or (b"content-length" in names and b"transfer-encoding" in names):
        raise _ambiguous_framing()
    for name, value in said:
        if name == b"content-length" and not _LENGTH.fullmatch(value):
            raise _ambiguous_framing()
        if name == b"transfer-encoding" and value.strip(b" \t").lower() != b"chunked":
            raise _ambiguous_framing()


def _ambiguous_framing() -> Problem:
    return Problem(
        "ambiguous-framing",
        status=400,
        title="The request's length is ambiguous",
        detail="Send one Host, and one Content-Length or `Transfer-Encoding: chunked`, not both.",
        headers={"Connection": "close"},
    )


def check_person(headers: Sequence[Header], sub: str) -> None:
    """Raise a 401 problem when the request was meant for another person than `sub`, who is signed in now.

    `Portico-Person` (percent-encoded UTF-8) says whose a command was when it was made. It may have waited on the device
    while somebody else signed in there; the cookie then is theirs, and the command is not.
    """
    for name, value in headers:
        if name == b"portico-person" and _decoded(value) != sub:
            raise other_person()


def check_method(method: str) -> None:
    """Raise a 405 problem for a method that no API here has (TRACE, CONNECT, WebDAV's, made-up ones)."""
    if method not in METHODS:
        raise Problem.of_status(405, headers={"Allow": ", ".join(sorted(METHODS))})


def check_path(raw_path: bytes) -> None:
    """Raise a 400 problem for a path that a BFF might read differently from the gateway."""
    path = raw_path.split(b"?", 1)[0].decode("latin-1").lower()
    segments = path.replace("%2e", ".").split("/")
    if ".." in segments or "." in segments or "" in segments[1:-1] or _AMBIGUOUS.search(path):
        raise Problem(
            type="ambiguous-path",
            title="The path is ambiguous",
            status=400,
            detail="An API path has no empty, `.` or `..` segments, no encoded slash, backslash or control character.",
        )


def _decoded(value: bytes) -> str | None:
    try:
        return unquote(value.decode("ascii"), errors="strict")
    except UnicodeDecodeError:
        return None


def _is_safe_navigation(method: str, said: Mapping[bytes, bytes]) -> bool:
    return (
        method in SAFE_METHODS
        and said.get(b"sec-fetch-site") in {b"same-origin", b"none"}
        and said.get(b"sec-fetch-mode") == b"navigate"
        and said.get(b"sec-fetch-dest") == b"document"
    )


_SUBPROTOCOL = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_MOST_SUBPROTOCOLS = 16


def check_socket(headers: Sequence[Header], subprotocols: Sequence[str], base_url: str) -> None:
    """Raise a 403 or 400 problem unless our own page opens this WebSocket, and asks for it as RFC 6455 says.

    Script cannot set `X-Portico` on a WebSocket, so `Origin` decides, which a browser always sends (RFC 6455, 10.2).
    """
    origins = [value for name, value in headers if name == b"origin"]
    if origins != [base_url.encode()] or header(headers, b"sec-fetch-site") not in {None, "same-origin"}:
        raise Problem(
            type="cross-site-request",
            title="This call comes from another site",
            status=403,
            detail="A WebSocket is opened by a page of this origin.",
        )
    odd = len(subprotocols) > _MOST_SUBPROTOCOLS or len(set(subprotocols)) != len(subprotocols)
    if odd or not all(_SUBPROTOCOL.fullmatch(one) for one in subprotocols):
        raise Problem(
            type="invalid-subprotocol",
            title="The subprotocols are not valid",
            status=400,
            detail=f"Offer at most {_MOST_SUBPROTOCOLS} tokens, each once.",
        )

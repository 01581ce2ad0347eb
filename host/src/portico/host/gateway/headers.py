"""Which headers may cross the gateway, in both directions (RFC 9110, section 7.6.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Header = tuple[bytes, bytes]

# Hop-by-hop: they belong to one connection, never to the message.
HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"http2-settings",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
# What a browser must not be able to say to a BFF: credentials, and claims about who forwarded for whom.
_FROM_BROWSER = HOP_BY_HOP | frozenset(
    {
        b"authorization",
        b"cf-connecting-ip",
        b"cookie",
        b"expect",  # the server in front has answered it
        b"forwarded",
        b"max-forwards",
        b"portico-person",
        b"true-client-ip",
        b"via",
        b"x-client-ip",
        b"x-cluster-client-ip",
        b"x-forwarded",
        b"x-http-method",
        b"x-http-method-override",
        b"x-method-override",
        b"x-original-url",
        b"x-portico",
        b"x-real-ip",
        b"x-rewrite-url",
    }
)
_FROM_BROWSER_PREFIXES = (b"x-forwarded-", b"portico-internal-", b"sec-fetch-")
# What a BFF must not be able to set on the host's origin.
_FROM_BFF = HOP_BY_HOP | frozenset(
    {
        b"alt-svc",
        b"clear-site-data",
        b"content-security-policy",
        b"content-security-policy-report-only",
        b"nel",
        b"permissions-policy",
        b"portico-receipt",
        b"referrer-policy",
        b"refresh",
        b"report-to",
        b"reporting-endpoints",
        b"server",
        b"service-worker-allowed",
        b"set-cookie",
        b"strict-transport-security",
        b"x-content-type-options",
        b"x-frame-options",
    }
)
_FROM_BFF_PREFIXES = (b"access-control-", b"cross-origin-")


def request_headers(headers: Iterable[Header], token: str) -> list[Header]:
    """What goes to the BFF: the browser's headers, cleaned, with the person's token."""
    passing = _without(headers, _FROM_BROWSER, _FROM_BROWSER_PREFIXES)
    # Servers that map headers to variables read `x_forwarded_for` as `x-forwarded-for`.
    clean = [(name, value) for name, value in passing if b"_" not in name]
    return [*clean, (b"authorization", b"Bearer " + token.encode("ascii"))]


def socket_headers(headers: Iterable[Header], token: str) -> list[Header]:
    """What goes to the BFF when a WebSocket is opened: as `request_headers`, without those of the handshake itself."""
    return [pair for pair in request_headers(headers, token) if not pair[0].startswith(b"sec-websocket-")]


def accept_headers(headers: Iterable[Header]) -> list[Header]:
    """What a BFF may say to the browser as it accepts a WebSocket."""
    clean = _without(headers, _FROM_BFF, _FROM_BFF_PREFIXES)
    return [pair for pair in clean if not pair[0].startswith(b"sec-websocket-")]


def response_headers(headers: Iterable[Header]) -> list[Header]:
    """What goes back to the browser.

    Answers of the API are a person's own: without a word from the BFF nobody keeps them, and what the browser may keep
    is for this session alone (`Vary: Cookie`), so that it is not shown to the next person, or after signing out.
    """
    clean = _without(headers, _FROM_BFF, _FROM_BFF_PREFIXES)
    if header(clean, b"cache-control") is None:
        clean.append((b"cache-control", b"no-store"))
    clean.append((b"vary", b"Cookie"))
    return clean


def header(headers: Iterable[Header], name: bytes) -> str | None:
    """The first value of a header, or `None`. `name` is lower case."""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return None


def first_values(headers: Sequence[Header]) -> dict[bytes, bytes]:
    """The first value of each header: for who asks for several."""
    return dict(reversed(headers))


def _without(headers: Iterable[Header], refused: frozenset[bytes], prefixes: tuple[bytes, ...]) -> list[Header]:
    """The headers that are neither refused nor said to be of one connection alone, their names in lower case."""
    lowered = [(name.lower(), value) for name, value in headers]
    of_connection = [value for name, value in lowered if name == b"connection"]
    if of_connection:
        refused |= _listed(of_connection)
    return [pair for pair in lowered if pair[0] not in refused and not pair[0].startswith(prefixes)]


def _listed(values: Sequence[bytes]) -> frozenset[bytes]:
    return frozenset(word.strip().lower() for word in b",".join(values).split(b",") if word.strip())

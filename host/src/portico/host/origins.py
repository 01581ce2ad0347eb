"""Origins of URLs, read as a browser reads them. Pure."""

from __future__ import annotations

import re

LOOPBACK_ORIGINS = frozenset(
    f"{scheme}://{name}:*" for scheme in ("http", "https") for name in ("localhost", "127.0.0.1", "[::1]")
)
"""Whatever listens on this machine; `:*` stands for every port."""
LONGEST_URL = 500
# Only what Python and a browser cannot read differently: no credentials, backslash, quote, space or control character.
_URL = re.compile(
    r"(?P<origin>https?://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::[0-9]{1,5})?)/[!$%&(-;=?@A-Z_a-z~]*"
)
_PORT = re.compile(r":[0-9]+$")


def origin_of(url: str) -> str | None:
    """The origin of a plain http or https URL; `None` for anything odd, or longer than `LONGEST_URL`."""
    found = _URL.fullmatch(url) if len(url) <= LONGEST_URL else None
    return found["origin"] if found else None


def any_port(origin: str) -> str:
    """The origin with `:*` for its port."""
    return f"{_PORT.sub('', origin)}:*"

"""Where notices may be sent: the push services of browsers, and nothing that a page could make up.

A subscription's endpoint is a URL that a browser hands in. Without a list, anyone who is signed in could have the host
call any address of its network.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from portico.host.config import is_loopback
from portico.host.errors import ConfigurationError

DEFAULT_HOSTS = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.services.mozilla.com",
    "web.push.apple.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""The push services of Chromium, Firefox, Safari and Edge."""


_LONGEST_NAME = 253  # RFC 1035, 2.3.4, as text
_PLAIN = re.compile(r"[!-~]+")
_NAME = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")
"""A name that every resolver takes as it is: anything else is an error in the middle of sending, or another host."""


class PushHosts:
    """The hosts that endpoints may name: `name` or `*.name`, always https at its own port; none: `DEFAULT_HOSTS`.

    `http://127.0.0.1:9000`, a whole origin on loopback, is for tests and must be listed as it is.
    """

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        hosts = tuple(hosts) or DEFAULT_HOSTS
        self._origins = {host for host in hosts if "://" in host}
        self._names = {host.lower() for host in hosts if "://" not in host and not host.startswith("*.")}
        self._suffixes = tuple(host.lower()[1:] for host in hosts if host.startswith("*."))
        for host in hosts:
            if not _is_sound(host):
                raise ConfigurationError(
                    f"PORTICO_PUSH_HOSTS has {host!r}; write push.example or *.push.example, separated by spaces"
                )

    def allow(self, endpoint: str) -> bool:
        """Whether notices may be sent to this URL."""
        try:
            parts = urlsplit(endpoint)
            port, name = parts.port, (parts.hostname or "").lower()
        except ValueError:
            return False
        if not _PLAIN.fullmatch(endpoint) or "\\" in endpoint or parts.username is not None:
            return False
        if f"{parts.scheme}://{parts.netloc}" in self._origins:
            return True
        is_ours = name in self._names or (bool(self._suffixes) and name.endswith(self._suffixes))
        return parts.scheme == "https" and port in {None, 443} and is_ours and _is_name(name) and not parts.fragment


def _is_name(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def _is_sound(host: str) -> bool:
    if "://" in host:
        parts = urlsplit(host)
        return parts.scheme == "http" and is_loopback(parts.hostname or "") and not parts.path and not parts.query
    name = host.removeprefix("*.")
    return "." in name and all(part and part.replace("-", "").isalnum() for part in name.split("."))

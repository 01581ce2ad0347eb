"""Addresses that strangers gave us: never to be used to reach what only we can reach (SSRF; OWASP)."""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from portico.bff.errors import BffError

# The last label is no number (RFC 3696, section 2), or it would be read as an address: 2130706433, 127.1, 0x7f.1
_NAME: Final = re.compile(r"(?=.{1,253}$)(?:[a-z0-9_-]{1,63}\.)*(?!0x|[0-9]+\.?$)[a-z0-9_-]{1,63}\.?")
_GLOBAL_UNICAST: Final = ip_network("2000::/3")
_NAT64: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))


class AddressRefused(BffError):
    """A URL or an address that may not be called. Answer 422."""

    code = "address-refused"


def check_target(url: str, *, private: bool = False) -> str:
    """The URL, if it is one that may be called: https, with a name or a public address, and no credentials in it.

    A name is looked at again when it is resolved (``GuardedResolver``): what it means may change. ``private`` allows
    http and any address, for development. Raises ``AddressRefused``.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise AddressRefused("This is no URL.") from None
    if parts.scheme != "https" and not (private and parts.scheme == "http"):
        raise AddressRefused("The URL must begin with https://.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("The URL needs a host, and may have neither a user nor a fragment.")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise AddressRefused("The URL may have no spaces, and other letters only in their encoded form.")
    try:
        literal = ip_address(host.partition("%")[0])
    except ValueError:
        if not _NAME.fullmatch(host):
            raise AddressRefused("The URL's host is neither a name nor an address as it is usually written.") from None
        if not private and host.rstrip(".").rpartition(".")[2] == "localhost":  # RFC 6761, section 6.3
            raise AddressRefused("The URL may not lead into a private network.") from None
        return url
    if not private and not is_public(literal):
        raise AddressRefused("The URL may not lead into a private network.")
    return url


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether everybody can reach it; of an address that stands for another one, whether that is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.sixtofour is not None:
            return is_public(address.sixtofour)
        if any(address in network for network in _NAT64):
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address.teredo is not None:
            return False
        if address not in _GLOBAL_UNICAST:
            return False  # also what stood for IPv4 addresses long ago: ::127.0.0.1, ::ffff:0:127.0.0.1
    return address.is_global and not address.is_multicast


class GuardedResolver(AbstractResolver):
    """Resolves names for an ``aiohttp.TCPConnector`` and leaves out what is not public, so that what was looked at is
    what is called. (Addresses in a URL are not resolved: ``check_target`` looks at those.)"""

    def __init__(self, inner: AbstractResolver | None = None) -> None:
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of a name; raises ``OSError`` where it has none."""
        found = await self._inner.resolve(host, port, family)
        public = [one for one in found if is_public(ip_address(one["host"].partition("%")[0]))]
        if not public:
            raise OSError(None, f"{host} has no public address")
        return public

    async def close(self) -> None:
        """Release the resolver."""
        await self._inner.close()

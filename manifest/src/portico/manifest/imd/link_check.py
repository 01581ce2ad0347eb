"""Fetching what is put into a map, to see that it is there and what its bytes are; nothing else can be reached."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from portico.manifest.imd.addresses import Address, parse_address
from portico.manifest.imd.errors import ImdRefused, ImdRequestInvalid, UrlNotReachable
from portico.manifest.imd.integrity import Digests

MOST_URLS = 200
"""How many addresses one request may have fetched."""
_AT_ONCE = 8
_REDIRECTS = 5
_REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_BLOCK = 64 << 10


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """Bounds for fetching: bytes of one file, and seconds for all files of a request together."""

    size: int = 20 << 20
    seconds: float = 20.0


class LinkCheck(Protocol):
    """Fetches addresses."""

    async def __call__(self, addresses: Sequence[Address]) -> Mapping[str, Digests]:
        """Return the digests of each file by URL; raises ``UrlNotReachable`` when one of them cannot be had."""
        ...


class HttpLinkCheck:
    """Fetches over HTTP, from public addresses alone (``private`` takes all).

    The address that a name resolves to is what is connected to, so a name cannot mean something else a moment later.
    Redirects are followed on the same origin only, to where ``trusts`` agrees.
    """

    def __init__(
        self, *, trusts: Callable[[Address], bool], private: bool = False, limits: FetchLimits | None = None
    ) -> None:
        self._trusts = trusts
        self._private = private
        self._limits = limits or FetchLimits()

    async def __call__(self, addresses: Sequence[Address]) -> Mapping[str, Digests]:
        """Fetch all of them, some at a time."""
        if not addresses:
            return {}
        if len(addresses) > MOST_URLS:
            raise ImdRequestInvalid(
                f"{len(addresses)} URLs to fetch; send at most {MOST_URLS} at once, or skip_url_check"
            )
        resolver = ThreadedResolver() if self._private else PublicResolver()
        connector = aiohttp.TCPConnector(resolver=resolver, limit=_AT_ONCE)
        urls = ", ".join(address.text for address in addresses[:3])
        try:
            async with (
                asyncio.timeout(self._limits.seconds),
                aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as client,
            ):
                found = await asyncio.gather(*(self._fetch(client, address) for address in addresses))
        except TimeoutError as error:
            raise _unreachable(urls, f"no whole answer within {self._limits.seconds:g} seconds") from error
        return {address.text: digests for address, digests in zip(addresses, found, strict=True)}

    async def _fetch(self, client: aiohttp.ClientSession, address: Address) -> Digests:
        here = address
        try:
            for _ in range(_REDIRECTS + 1):
                self._refuse_private(here)
                async with client.get(here.text, allow_redirects=False, headers=_HEADERS) as response:
                    if response.status not in _REDIRECT_STATUSES:
                        return await self._read(address, response)
                    here = self._redirected(address, here, response.headers.get("Location", ""))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise _unreachable(address.text, str(error) or type(error).__name__) from error
        raise _unreachable(address.text, f"more than {_REDIRECTS} redirects")

    async def _read(self, address: Address, response: aiohttp.ClientResponse) -> Digests:
        if not 200 <= response.status < 300:
            raise _unreachable(address.text, f"{response.status} {response.reason or ''}".strip())
        content = bytearray()
        async for block in response.content.iter_chunked(_BLOCK):
            content += block
            if len(content) > self._limits.size:
                raise _unreachable(address.text, f"more than {self._limits.size} bytes")
        return await asyncio.to_thread(Digests.of_bytes, bytes(content))

    def _redirected(self, address: Address, here: Address, location: str) -> Address:
        try:
            there = parse_address(urljoin(here.text, location), "")
        except ImdRefused as error:
            raise _unreachable(address.text, f"a redirect to {location[:200]!r}") from error
        if there.origin != address.origin or not self._trusts(there):
            raise _unreachable(
                address.text, f"it redirects to {there.text[:200]}; give that URL itself, if you trust it"
            )
        return there

    def _refuse_private(self, address: Address) -> None:
        """Refuse an address that is a number already: the resolver never sees it."""
        if self._private:
            return
        try:
            number = ipaddress.ip_address((urlsplit(address.text).hostname or "").strip("[]"))
        except ValueError:
            return
        if not is_public(number):
            raise _unreachable(address.text, "it is not a public address (allowPrivateAddresses)")


class PublicResolver(AbstractResolver):
    """Resolves names as the system does, and leaves out every address that is not public."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the public addresses of a host; raises ``OSError`` when it has none."""
        found = await self._resolver.resolve(host, port, family)
        public = [one for one in found if is_public(ipaddress.ip_address(one["host"].partition("%")[0]))]
        if not public:
            raise OSError(f"{host} is not at a public address (allowPrivateAddresses)")
        return public

    async def close(self) -> None:
        """Release nothing."""
        await self._resolver.close()


def is_public(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is anybody's on the internet: not loopback, private, link-local, multicast or reserved.

    An IPv6 address that stands for an IPv4 one (mapped, 6to4, NAT64) is what that one is; of the others only those that
    are given out are public (2000::/3, RFC 4291): not site-local ones, a network's own NAT64 or IPv4 in other dress.
    """
    if isinstance(number, ipaddress.IPv6Address):
        embedded = number.ipv4_mapped or number.sixtofour
        if embedded is None and number in _NAT64:
            embedded = ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)
        if embedded is not None:
            return is_public(embedded)
        if number not in _GIVEN_OUT:
            return False
    return number.is_global and not number.is_multicast


_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "portico-imd"}
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def _unreachable(url: str, reason: str) -> UrlNotReachable:
    return UrlNotReachable(f"The following url in the request body is not reachable: {url} ({reason})")

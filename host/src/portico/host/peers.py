"""Who calls, by address: the connection's other end, or what a trusted proxy says of it."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Sequence
from functools import lru_cache

from starlette.types import Scope

from portico.host.config.addresses import IpNetwork

_IPV6_PREFIX = 64
"""One household or machine has at least so much of IPv6 (RFC 6177): its addresses count as one."""
_MOST_HOPS = 20
_REMEMBERED = 4096
_LONGEST = 1024
"""Bytes of `X-Forwarded-For` that are looked at, its end: room for the hops, and no more is remembered of any."""

_logger = logging.getLogger(__name__)


class Peers:
    """Reads `X-Forwarded-For` from the right, past every proxy in `trusted`; nobody else is believed."""

    def __init__(self, trusted: Sequence[IpNetwork]) -> None:
        self._trusted = tuple(trusted)
        self._resolve = lru_cache(_REMEMBERED)(self._resolved)
        self._warned = False

    def address(self, scope: Scope) -> str:
        """The address that a request comes from; of IPv6, its /64 network."""
        client = scope.get("client")
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        return self._resolve(client[0] if client else "", b",".join(forwarded)[-_LONGEST:])

    def _resolved(self, peer: str, forwarded: bytes) -> str:
        hops = [peer, *reversed([hop.strip() for hop in forwarded.decode("latin-1").split(",") if hop.strip()])]
        if forwarded and not self._is_trusted(peer):
            self._warn(peer)
        for hop in hops[:_MOST_HOPS]:
            if not self._is_trusted(hop):
                return _canonical(hop) or _canonical(peer) or peer
        return _canonical(peer) or peer

    def _is_trusted(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self._trusted)

    def _warn(self, peer: str) -> None:
        parsed = _parsed(peer)
        if self._warned or parsed is None or parsed.is_global:
            return
        self._warned = True
        _logger.warning(
            "%s sends X-Forwarded-For, and PORTICO_TRUSTED_PROXIES does not name it: if it is your proxy, everybody "
            "behind it shares one rate limit",
            peer,
        )


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _canonical(address: str) -> str | None:
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, _IPV6_PREFIX), strict=False))
    return None if parsed is None else str(parsed)

"""Addresses in settings: origins, the BFFs of apps, and what is this machine. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit

from portico.host.errors import ConfigurationError
from portico.host.origins import origin_of

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK_NAMES = frozenset({"localhost"})


def is_loopback(hostname: str) -> bool:
    """Whether a host name or address can only be reached from this machine."""
    if hostname in LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False


def networks(text: str) -> tuple[IpNetwork, ...]:
    """`10.0.0.0/8 ::1` as networks; raises ConfigurationError."""
    found = []
    for word in text.split():
        try:
            found.append(ipaddress.ip_network(word))
        except ValueError as error:
            raise ConfigurationError(
                f"PORTICO_TRUSTED_PROXIES has {word!r}; write addresses or networks like 10.0.0.7 or 10.1.0.0/16, "
                "separated by spaces"
            ) from error
    return tuple(found)


def check_base_url(base_url: str) -> None:
    """Raise ConfigurationError unless this is an origin, over TLS or on this machine."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise ConfigurationError(f"PORTICO_BASE_URL must be an origin like https://portico.example, not {base_url!r}")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigurationError(
            f"PORTICO_BASE_URL {base_url!r} is plain http on an address that is not loopback: session cookies would "
            "travel unprotected. Use https."
        )


def bff_urls(text: str) -> dict[str, str]:
    """`shop=http://127.0.0.1:9001 shop@2.0.0=http://...` as a mapping; raises ConfigurationError."""
    pairs = {}
    for word in text.split():
        name, equals, url = word.partition("=")
        if not (name and equals and url.startswith(("http://", "https://"))):
            raise ConfigurationError(
                f"PORTICO_BFF_URLS has {word!r}; write app=http://address or app@version=http://address, "
                "separated by spaces"
            )
        pairs[name] = url.rstrip("/")
    return pairs


def origins(text: str | None) -> frozenset[str] | None:
    """The origins of a setting, as they are written; `None` for a setting that is not there."""
    return None if text is None else frozenset(word.rstrip("/") for word in text.split())


def check_override_origins(given: frozenset[str] | None, setting: str = "PORTICO_OVERRIDE_ORIGINS") -> None:
    """Raise ConfigurationError for what a developer's own version may not come from."""
    if faults := [origin for origin in given or () if not _is_origin(origin)]:
        raise ConfigurationError(
            f"{setting} has {faults[0]!r}; write origins like https://preview.example or "
            "http://localhost:5173, separated by spaces. Plain http is taken on loopback alone, and so is :* for "
            "every port."
        )


def release_origins(environment: Mapping[str, str]) -> frozenset[str]:
    """The origins that files of releases may be fetched from; raises ConfigurationError for what is none."""
    given = origins(environment.get("PORTICO_RELEASE_ORIGINS", "")) or frozenset()
    if faults := [origin for origin in given if not _is_origin(origin) or origin.endswith(":*")]:
        raise ConfigurationError(
            f"PORTICO_RELEASE_ORIGINS has {faults[0]!r}; write origins like https://cdn.example, separated by spaces. "
            "Plain http is taken on loopback alone."
        )
    return given


def _is_origin(origin: str) -> bool:
    bare = origin.removesuffix(":*")
    if origin_of(f"{bare}/") != bare:
        return False
    return is_loopback(urlsplit(bare).hostname or "") or (bare.startswith("https:") and bare == origin)

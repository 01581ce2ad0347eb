"""Whom a token may be for besides the provider itself (RFC 8707; `audience` of RFC 8693). Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from portico.host.devidp.config import DevClient


def is_allowed(resource: str, client: DevClient) -> bool:
    """Whether a client may have tokens for this resource: an absolute URI, without fragment, of its list."""
    try:
        parts = urlsplit(resource)
    except ValueError:
        return False
    if not parts.scheme or not (parts.netloc or parts.path) or "#" in resource:
        return False
    return any(_fits(resource, pattern) for pattern in client.resources)


def _fits(resource: str, pattern: str) -> bool:
    if pattern.endswith("*"):
        return resource.startswith(pattern[:-1]) and len(resource) >= len(pattern)
    return resource == pattern

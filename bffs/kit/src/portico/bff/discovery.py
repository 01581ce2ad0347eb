"""Where an issuer's keys are, as its own discovery document says (OpenID Connect Discovery 1.0, RFC 8414)."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import msgspec

from portico.bff.config import BffSettings
from portico.bff.keys import HttpKeys
from portico.keys import KeysUnavailable

Fetch = Callable[[], Awaitable[bytes]]
TTL_S = 3600
"""How long the address of the keys is used before the document is read again."""


class _Document(msgspec.Struct):
    issuer: str
    jwks_uri: str


class DiscoveredKeys:
    """Fetches an issuer's JWK Set from where its discovery document says. Use as the `fetch` of JwksKeys.

    `fetch` reads one address; `clock` is in seconds and never goes back. Raises KeysUnavailable.
    """

    def __init__(
        self, issuer: str, *, fetch: Callable[[str], Fetch] = HttpKeys, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._address: str | None = None
        self._read_at = 0.0

    async def __call__(self) -> bytes:
        """The document's bytes."""
        if self._address is None or self._clock() - self._read_at >= TTL_S:
            self._address = await self._discover()
            self._read_at = self._clock()
        try:
            return await self._fetch(self._address)()
        except KeysUnavailable:
            self._address = None  # it may have moved
            raise

    async def _discover(self) -> str:
        url = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            found = msgspec.json.decode(await self._fetch(url)(), type=_Document)
        except ValueError as error:
            raise KeysUnavailable(f"{url} is no discovery document: {error}") from error
        if found.issuer != self._issuer:
            raise KeysUnavailable(f"{url} is about the issuer {found.issuer!r}, not {self._issuer!r}")
        if self._issuer.startswith("https:") and not found.jwks_uri.startswith("https:"):
            raise KeysUnavailable(f"{url} names keys at {found.jwks_uri!r}, which is not https as the issuer is")
        if urlsplit(found.jwks_uri).scheme not in {"http", "https"}:
            raise KeysUnavailable(f"{url} names keys at {found.jwks_uri!r}, which is no http(s) URL")
        return found.jwks_uri


def issuer_keys(settings: BffSettings) -> Fetch:
    """What reads the keys of the settings' issuer."""
    return HttpKeys(settings.jwks_url) if settings.jwks_url else DiscoveredKeys(next(iter(settings.issuers)))

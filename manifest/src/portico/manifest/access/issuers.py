"""The keys of the identity providers that trust rules name: found by discovery, kept for a while, asked for rarely."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from portico.keys import JwksKeys, KeysUnavailable, KeyTimes, VerificationKey, strict_json
from portico.manifest.access.trust import issuer_fault
from portico.manifest.errors import IssuerUnavailable

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA", "Ed25519"})
"""What a CI's token may be signed with. All asymmetric: nobody but the issuer can sign."""
_TIMES = KeyTimes(fresh=600, revalidate=0)  # rarely used: keys that were withdrawn are better waited for than trusted
_DISCOVERY = "/.well-known/openid-configuration"
_MOST_BYTES = 256 << 10
_MOST_ISSUERS = 256


class Fetch(Protocol):
    """How an issuer's documents are read."""

    async def __call__(self, url: str) -> bytes:
        """Return the document at ``url``; raises ``httpx.HTTPError``, ``OSError`` or ``ValueError``."""
        ...


class Issuers:
    """Public keys by issuer, of those alone that a trust rule names. ``clock`` is monotonic, in seconds."""

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, JwksKeys] = {}

    async def key(self, issuer: str, kid: str | None, algorithm: str) -> VerificationKey | None:
        """Return the issuer's key for such a signature, ``None`` when it has none; raises ``IssuerUnavailable``.

        Callers that need one issuer's documents wait for one fetch.
        """
        try:
            return await self._keys(issuer).choose(kid, algorithm)
        except KeysUnavailable as error:
            raise IssuerUnavailable(f"the keys of {issuer} cannot be had just now; try again shortly") from error

    def _keys(self, issuer: str) -> JwksKeys:
        keys = self._known.pop(issuer, None)
        if keys is None:
            keys = JwksKeys(partial(self._read, issuer), ALGORITHMS, times=_TIMES, clock=self._clock)
        self._known[issuer] = keys  # the latest used is the last
        while len(self._known) > _MOST_ISSUERS:
            self._known.pop(next(iter(self._known)))
        return keys

    async def _read(self, issuer: str) -> bytes:
        try:
            return await self._fetch(await self._keys_url(issuer))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError) as error:
            raise KeysUnavailable(f"{issuer}: {str(error) or type(error).__name__}") from error

    async def _keys_url(self, issuer: str) -> str:
        """Return where the keys are (OpenID Connect Discovery 1.0, 4); raises ``ValueError``."""
        document = strict_json(await self._fetch(issuer.rstrip("/") + _DISCOVERY))
        if not isinstance(document, dict) or document.get("issuer") != issuer:
            raise ValueError("the discovery document is another issuer's")
        url = document.get("jwks_uri")
        if not isinstance(url, str) or issuer_fault(url.partition("?")[0]):
            raise ValueError("the discovery document names no https jwks_uri")
        if urlsplit(url).scheme == "http" and urlsplit(issuer).scheme != "http":
            raise ValueError("the keys are not behind https")
        return url


class HttpFetch(Fetch):
    """Reads documents over HTTP: no redirects, no large ones, no waiting for long."""

    def __init__(self, *, timeout: float = 5.0) -> None:
        self._timeout = timeout

    async def __call__(self, url: str) -> bytes:
        """See ``Fetch``."""
        async with (
            asyncio.timeout(self._timeout),
            httpx.AsyncClient(timeout=self._timeout, follow_redirects=False) as http,
            http.stream("GET", url, headers={"Accept": "application/json"}) as response,
        ):
            if response.status_code != 200:
                raise ValueError(f"{url} answered {response.status_code}")
            content = bytearray()
            async for block in response.aiter_bytes():
                content += block
                if len(content) > _MOST_BYTES:
                    raise ValueError(f"{url} is larger than {_MOST_BYTES} bytes")
            return bytes(content)

"""The keys of the identity providers that trust rules name: found by discovery, kept for a while, asked for rarely."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

import httpx
from joserfc.jwk import Key

from portico.manifest.access.issuer_keys import IssuerKey, key_for, keys_of
from portico.manifest.access.trust import issuer_fault
from portico.manifest.errors import IssuerUnavailable

_log = logging.getLogger("portico.manifest.issuers")
_DISCOVERY = "/.well-known/openid-configuration"
_MOST_BYTES = 256 << 10
_MOST_ISSUERS = 256


class Fetch(Protocol):
    """How an issuer's documents are read."""

    async def __call__(self, url: str) -> bytes:
        """Return the document at ``url``; raises ``httpx.HTTPError``, ``OSError`` or ``ValueError``."""
        ...


@dataclass(frozen=True, slots=True)
class Times:
    """In seconds: how long keys are used before they are asked for again, and how long when that fails.

    An unknown key id asks at most every ``unknown`` seconds; after a failure nobody asks for ``retry`` seconds.
    """

    fresh: float = 600
    grace: float = 3600
    unknown: float = 30
    retry: float = 5


@dataclass
class _Known:
    """What is known of one issuer."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    keys: Sequence[IssuerKey] = ()
    loaded_at: float | None = None
    asked_at: float | None = None
    failed_at: float | None = None


class Issuers:
    """Public keys by issuer, of those alone that a trust rule names. ``clock`` is monotonic, in seconds."""

    def __init__(
        self, fetch: Fetch, *, times: Times | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._times = times or Times()
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def key(self, issuer: str, kid: str | None, algorithm: str) -> Key | None:
        """Return the issuer's key for such a signature, ``None`` when it has none; raises ``IssuerUnavailable``.

        Callers that need one issuer's documents wait for one fetch.
        """
        known = self._entry(issuer)
        async with known.lock:
            await self._renew(issuer, known)
            found = key_for(known.keys, kid, algorithm)
            if found is None and self._may_ask_again(known):
                await self._load(issuer, known)
                found = key_for(known.keys, kid, algorithm)
            return found

    def _entry(self, issuer: str) -> _Known:
        known = self._known.pop(issuer, None) or _Known()
        self._known[issuer] = known  # the latest used is the last
        while len(self._known) > _MOST_ISSUERS:
            self._known.pop(next(iter(self._known)))
        return known

    async def _renew(self, issuer: str, known: _Known) -> None:
        """Load keys that are not there or no longer fresh; old ones serve for a while when that fails."""
        now = self._clock()
        age = None if known.loaded_at is None else now - known.loaded_at
        if age is not None and age < self._times.fresh:
            return
        if known.failed_at is None or now - known.failed_at >= self._times.retry:
            await self._load(issuer, known)
        if known.loaded_at is None or self._clock() - known.loaded_at >= self._times.grace:
            raise IssuerUnavailable(f"the keys of {issuer} cannot be had just now; try again shortly")

    def _may_ask_again(self, known: _Known) -> bool:
        """Tell whether an unknown key id is reason enough: the issuer may have new keys, or somebody guesses."""
        return known.asked_at is None or self._clock() - known.asked_at >= self._times.unknown

    async def _load(self, issuer: str, known: _Known) -> None:
        known.asked_at = self._clock()
        try:
            known.keys = keys_of(await self._fetch(await self._keys_url(issuer)))
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError) as error:
            known.failed_at = self._clock()
            _log.warning("the keys of %s cannot be had: %s", issuer, str(error) or type(error).__name__)
        else:
            known.loaded_at, known.failed_at = self._clock(), None

    async def _keys_url(self, issuer: str) -> str:
        """Return where the keys are (OpenID Connect Discovery 1.0, 4); raises ``ValueError``."""
        document = json.loads(await self._fetch(issuer.rstrip("/") + _DISCOVERY))
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

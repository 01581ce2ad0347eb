"""The issuer's public keys (JWKS): fetched when needed, kept fresh, and never a way to flood the issuer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import httpx
import msgspec

from portico.bff.errors import KeySetRefused, KeysUnavailable
from portico.bff.key_policy import VerificationKey, parse_key_set

_log = logging.getLogger("portico.bff.keys")

MAX_DOCUMENT_BYTES = 256 * 1024
"""A key set larger than this is not read to its end."""

_MAX_MISSING = 1024


class KeySource(Protocol):
    """Where the verifier gets public keys from."""

    def peek(self, kid: str) -> VerificationKey | None:
        """The key if it is at hand and may be used now. Never waits; may start a refresh."""

    async def find(self, kid: str) -> VerificationKey | None:
        """The key, asking the issuer where that is due; None when the issuer has no such key.

        Raises KeysUnavailable when there is nothing to judge by.
        """

    async def close(self) -> None:
        """Stop what runs in the background."""


class KeyTimes(msgspec.Struct, frozen=True):
    """How long keys are used, in seconds.

    A key set is `fresh` for 5 minutes. For `revalidate` more it is still used while a refresh runs in the background.
    After that a request waits for the refresh, and only if that fails are old keys used, until they are `grace` old.
    So a withdrawn key is dead 10 minutes after its withdrawal, or one hour while the issuer cannot be reached.
    """

    fresh: float = 300
    revalidate: float = 300
    grace: float = 3600
    unknown_interval: float = 30
    negative: float = 60
    retry_first: float = 1
    retry_most: float = 30


class JwksKeys(KeySource):
    """A JWK Set behind a URL.

    One fetch at a time, whoever waits for it. An unknown `kid` makes a fetch at most every `unknown_interval` seconds
    however many there are, and one that was just looked for is remembered. `fetch` returns the document's bytes;
    `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        fetch: Callable[[], Awaitable[bytes]],
        algorithms: frozenset[str],
        *,
        times: KeyTimes | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._algorithms = algorithms
        self._times = times or KeyTimes()
        self._clock = clock
        self._keys: dict[str, VerificationKey] = {}
        self._loaded_at: float | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._unknown_at: float | None = None
        self._missing: dict[str, float] = {}
        self._refreshing: asyncio.Task[None] | None = None

    def peek(self, kid: str) -> VerificationKey | None:
        """See KeySource."""
        age = self._age()
        if age is None or age > self._times.fresh + self._times.revalidate:
            return None
        if age > self._times.fresh and self._clock() >= self._retry_at:
            self._refresh()
        return self._keys.get(kid)

    async def find(self, kid: str) -> VerificationKey | None:
        """See KeySource."""
        if (key := self.peek(kid)) is not None:
            return key
        age = self._age()
        if age is None or age > self._times.fresh + self._times.revalidate:
            await self._renew()
            self._require_usable()
            if (key := self._keys.get(kid)) is not None:
                return key
        elif self._refreshing is not None:
            await asyncio.shield(self._refreshing)
        elif self._may_ask_for(kid):
            return await self._ask_for(kid)
        return self._keys.get(kid)

    async def close(self) -> None:
        """See KeySource."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)

    def _age(self) -> float | None:
        return None if self._loaded_at is None else self._clock() - self._loaded_at

    async def _renew(self) -> None:
        if self._refreshing is not None or self._clock() >= self._retry_at:
            await asyncio.shield(self._refresh())

    def _require_usable(self) -> None:
        age = self._age()
        if age is None or age > self._times.grace:
            self._keys = {}
            raise KeysUnavailable("The issuer's keys cannot be had just now")

    def _may_ask_for(self, kid: str) -> bool:
        now = self._clock()
        if now < self._missing.get(kid, now):
            return False
        return self._unknown_at is None or now - self._unknown_at >= self._times.unknown_interval

    async def _ask_for(self, kid: str) -> VerificationKey | None:
        self._unknown_at = self._clock()
        await asyncio.shield(self._refresh())
        key = self._keys.get(kid)
        if key is None and self._failures == 0:
            self._missing.pop(kid, None)
            if len(self._missing) >= _MAX_MISSING:
                self._missing.pop(next(iter(self._missing)))
            self._missing[kid] = self._clock() + self._times.negative
        return key

    def _refresh(self) -> asyncio.Task[None]:
        if self._refreshing is None:
            self._refreshing = asyncio.create_task(self._load(), name="portico-jwks-refresh")
            self._refreshing.add_done_callback(self._refreshed)
        return self._refreshing

    def _refreshed(self, task: asyncio.Task[None]) -> None:
        self._refreshing = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("The refresh of the issuer's keys broke", exc_info=error)

    async def _load(self) -> None:
        try:
            found = parse_key_set(await self._fetch(), self._algorithms)
        except (KeysUnavailable, KeySetRefused) as error:
            self._failures += 1
            wait = min(self._times.retry_first * 2 ** (self._failures - 1), self._times.retry_most)
            self._retry_at = self._clock() + wait
            _log.warning("The issuer's keys were not refreshed: %s", error)
            return
        self._failures = 0
        self._retry_at = 0.0
        self._loaded_at = self._clock()
        # A key that stayed keeps its identity, so tokens verified with it stay verified.
        self._keys = {kid: self._same_or_new(key) for kid, key in found.items()}

    def _same_or_new(self, key: VerificationKey) -> VerificationKey:
        old = self._keys.get(key.kid)
        if old is not None and (old.thumbprint, old.algorithms) == (key.thumbprint, key.algorithms):
            return old
        return key


class HttpKeys:
    """Fetches a JWK Set over HTTP: no redirects, a bounded body, a time limit. Use as the `fetch` of JwksKeys.

    `transport` is for tests. Raises KeysUnavailable.
    """

    def __init__(self, url: str, *, timeout: float = 5.0, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._url = url
        self._timeout = timeout
        self._transport = transport

    async def __call__(self) -> bytes:
        """The document's bytes."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._read()
        except (httpx.HTTPError, TimeoutError) as error:
            raise KeysUnavailable(f"{self._url}: {str(error) or type(error).__name__}") from error

    async def _read(self) -> bytes:
        # A client per fetch: one fetch in five minutes does not earn a kept connection.
        async with (
            httpx.AsyncClient(transport=self._transport, trust_env=False, timeout=self._timeout) as client,
            client.stream("GET", self._url, headers={"Accept": "application/json"}) as response,
        ):
            if response.status_code != 200:
                raise KeysUnavailable(f"{self._url} answered {response.status_code}")
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_DOCUMENT_BYTES:
                    raise KeysUnavailable(f"{self._url} answered more than {MAX_DOCUMENT_BYTES} bytes")
            return bytes(body)

"""An issuer's public keys (JWKS): fetched when needed, kept fresh, and never a way to flood the issuer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec

from portico.keys.errors import KeysError, KeySetRefused, KeysUnavailable
from portico.keys.policy import VerificationKey, only_key, parse_key_set

_log = logging.getLogger("portico.keys")

_MAX_MISSING = 1024
_MINUTE = 60.0


class KeySource(Protocol):
    """Where a verifier gets public keys from."""

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
    most_a_minute: int = 2
    negative: float = 60
    retry_first: float = 1
    retry_most: float = 30


class JwksKeys(KeySource):
    """A JWK Set that `fetch` reads.

    One fetch at a time, whoever waits for it. An unknown `kid` makes a fetch at most every `unknown_interval` seconds
    however many there are, never one beyond `most_a_minute` in all, and one that was just looked for is remembered.
    `fetch` returns the document's bytes or raises KeysUnavailable; `clock` is in seconds and never goes back.
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
        self._failure: KeysError | None = None
        self._failures = 0
        self._retry_at = float("-inf")
        self._unknown_at = float("-inf")
        self._fetched_at: deque[float] = deque(maxlen=self._times.most_a_minute)
        self._missing: dict[str, float] = {}
        self._refreshing: asyncio.Task[None] | None = None

    def peek(self, kid: str) -> VerificationKey | None:
        """See KeySource."""
        return self._keys.get(kid) if self._is_current() else None

    async def find(self, kid: str) -> VerificationKey | None:
        """See KeySource."""
        return await self._find(lambda: self._keys.get(kid), kid)

    async def choose(self, kid: str | None, algorithm: str) -> VerificationKey | None:
        """The key that may verify a signature: the one of this id, or without an id the only one for `algorithm`.

        Raises like `find`.
        """
        if kid is None:
            return await self._find(lambda: only_key(self._keys, algorithm), "")
        key = await self.find(kid)
        return key if key is not None and algorithm in key.algorithms else None

    async def close(self) -> None:
        """See KeySource."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)

    async def _find(self, look: Callable[[], VerificationKey | None], name: str) -> VerificationKey | None:
        if not self._is_current():
            await self._renew()
            return look()
        if (key := look()) is not None:
            return key
        if self._is_refreshing():
            await asyncio.shield(self._refresh())
        elif self._may_ask_for(name):
            await self._ask_for(name, look)
        return look()

    def _is_current(self) -> bool:
        """Whether the keys may be used now; when they are no longer fresh, a refresh begins."""
        age = self._age()
        if age >= self._times.fresh + self._times.revalidate:
            return False
        if age >= self._times.fresh and self._clock() >= self._retry_at:
            self._refresh()
        return True

    def _age(self) -> float:
        return float("inf") if self._loaded_at is None else self._clock() - self._loaded_at

    async def _renew(self) -> None:
        if self._is_refreshing() or self._clock() >= self._retry_at:
            await asyncio.shield(self._refresh())
        if self._age() >= self._times.grace:
            self._keys = {}
            raise KeysUnavailable("The issuer's keys cannot be had just now") from self._failure

    def _may_ask_for(self, name: str) -> bool:
        now = self._clock()
        if now < self._missing.get(name, now) or now - self._unknown_at < self._times.unknown_interval:
            return False
        return len(self._fetched_at) < self._times.most_a_minute or now - self._fetched_at[0] >= _MINUTE

    async def _ask_for(self, name: str, look: Callable[[], VerificationKey | None]) -> None:
        self._unknown_at = self._clock()
        await asyncio.shield(self._refresh())
        if look() is None and self._failures == 0:
            self._missing.pop(name, None)
            if len(self._missing) >= _MAX_MISSING:
                self._missing.pop(next(iter(self._missing)))
            self._missing[name] = self._clock() + self._times.negative

    def _refresh(self) -> asyncio.Task[None]:
        task = self._refreshing
        if task is None or task.done():
            task = self._refreshing = asyncio.create_task(self._load(), name="portico-jwks-refresh")
            task.add_done_callback(self._refreshed)
        return task

    def _is_refreshing(self) -> bool:
        return self._refreshing is not None and not self._refreshing.done()

    def _refreshed(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("The refresh of the issuer's keys broke", exc_info=error)

    async def _load(self) -> None:
        self._fetched_at.append(self._clock())
        try:
            found = parse_key_set(await self._fetch(), self._algorithms)
        except (KeysUnavailable, KeySetRefused) as error:
            self._failure = error
            self._failures += 1
            wait = min(self._times.retry_first * 2 ** min(self._failures - 1, 16), self._times.retry_most)
            self._retry_at = self._clock() + wait
            _log.warning("The issuer's keys were not refreshed: %s", error)
            return
        self._failures = 0
        self._retry_at = float("-inf")
        self._loaded_at = self._clock()
        # A key that stayed keeps its identity, so tokens verified with it stay verified.
        self._keys = {kid: self._same_or_new(key) for kid, key in found.items()}

    def _same_or_new(self, key: VerificationKey) -> VerificationKey:
        old = self._keys.get(key.kid)
        if old is not None and (old.thumbprint, old.algorithms) == (key.thumbprint, key.algorithms):
            return old
        return key

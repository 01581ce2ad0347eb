"""Calls to one external service: idempotency key, timeout, retries, circuit breaker, secret."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import aiohttp
import msgspec
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from portico.bff.errors import DeclarationError
from portico.bff.external.breaker import CircuitBreaker, CircuitOpen
from portico.bff.external.errors import ExternalRefused, ExternalUnavailable
from portico.secrets import Secret

T = TypeVar("T", bound=msgspec.Struct)

_AGAIN: Final = frozenset({408, 409, 425, 429})  # and 5xx: what may be answered otherwise next time
_SAFE: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_MOST_BYTES: Final = 1 << 20
_LONGEST_WAIT: Final = 5.0  # seconds; what takes longer is for whoever plans the call again


class Answer(msgspec.Struct, frozen=True):
    """A 2xx answer."""

    status: int
    body: bytes

    def entity(self, struct: type[T]) -> T:
        """Read its JSON; raises ``msgspec.ValidationError``."""
        return msgspec.json.decode(self.body, type=struct)


class ExternalService:
    """One external service at ``base_url``; ``close`` it. All times are in seconds.

    A call that gets no answer, or one that says "not now", is made ``tries`` times in all, if repeating it is safe: a
    read, or with an idempotency key. ``secret`` is sent as a bearer token. Redirects are not followed.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        secret: Secret | None = None,
        timeout: float = 5.0,
        tries: int = 3,
        breaker: CircuitBreaker | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.breaker = breaker or CircuitBreaker(name)
        self._base_url = base_url.rstrip("/")
        self._secret = secret
        self._timeout = timeout
        self._tries = tries
        self._sleep = sleep
        self._jitter = jitter
        self._session: aiohttp.ClientSession | None = None

    async def call(
        self, method: str, path: str, *, body: msgspec.Struct | None = None, idempotency_key: str | None = None
    ) -> Answer:
        """Make a call and return its 2xx answer.

        Raises ``ExternalRefused`` for an answer that would be the same again, ``ExternalUnavailable`` (``CircuitOpen``
        where it was not even asked) otherwise, and ``DeclarationError`` for a change without an idempotency key.
        """
        if method not in _SAFE and idempotency_key is None:
            raise DeclarationError(f"{method} {path}: a change needs an idempotency key, for it may be repeated")
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self._secret is not None:
            headers["Authorization"] = f"Bearer {self._secret}"
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        data = None if body is None else msgspec.json.encode(body)
        retrying = AsyncRetrying(
            stop=stop_after_attempt(self._tries),
            retry=retry_if_exception(_may_change),
            wait=self._pause,
            sleep=self._sleep,
            reraise=True,
        )
        answer: Answer = await retrying(self._once, method, path, headers, data)
        return answer

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _once(self, method: str, path: str, headers: dict[str, str], data: bytes | None) -> Answer:
        self.breaker.admit()
        try:
            status, body, retry_after = await self._exchange(method, path, headers, data)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            self.breaker.failed()
            raise ExternalUnavailable(self.name, f"{type(error).__name__}: {error}") from error
        if status >= 500:
            self.breaker.failed()
        else:
            self.breaker.succeeded()
        if status >= 500 or status in _AGAIN:
            raise ExternalUnavailable(self.name, f"it answers {status}", retry_after)
        if not 200 <= status < 300:
            raise ExternalRefused(self.name, status, body)
        return Answer(status, body)

    async def _exchange(
        self, method: str, path: str, headers: dict[str, str], data: bytes | None
    ) -> tuple[int, bytes, float | None]:
        session = self._session = self._session or aiohttp.ClientSession()
        async with (
            asyncio.timeout(self._timeout),
            session.request(
                method, f"{self._base_url}{path}", headers=headers, data=data, allow_redirects=False
            ) as response,
        ):
            body = await response.content.read(_MOST_BYTES + 1)
            while len(body) <= _MOST_BYTES and (more := await response.content.read(_MOST_BYTES)):
                body += more
            if len(body) > _MOST_BYTES:
                raise aiohttp.ClientPayloadError(f"more than {_MOST_BYTES} bytes")
            wait = response.headers.get("Retry-After", "")
            return response.status, body, float(wait) if wait.isascii() and wait.isdecimal() else None

    def _pause(self, state: RetryCallState) -> float:
        """Full jitter over a doubling pause, or what the service asks for where that is not longer than we wait."""
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after if isinstance(error, ExternalUnavailable) else None
        doubling = 0.2 * float(2**state.attempt_number)
        return min(_LONGEST_WAIT, max(asked or 0.0, self._jitter() * doubling))


def _may_change(error: BaseException) -> bool:
    return isinstance(error, ExternalUnavailable) and not isinstance(error, CircuitOpen)

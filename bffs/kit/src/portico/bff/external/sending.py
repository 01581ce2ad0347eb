"""Webhooks that we send: signed, to public addresses only, with the retries that Standard Webhooks proposes."""

from __future__ import annotations

import asyncio
from typing import Final

import aiohttp

from portico.bff.external.address_guard import AddressRefused, GuardedResolver, check_target
from portico.bff.external.signature import sign
from portico.bff.ids import Clock, system_clock

_MINUTE: Final = 60_000
PAUSES_MS: Final = (5_000, 5 * _MINUTE, 30 * _MINUTE, *(hours * 60 * _MINUTE for hours in (2, 5, 10, 14, 20, 24)))
"""The pauses after the first attempt, the second and so on: ten attempts in a bit more than three days."""


def next_attempt(attempts: int, now: int, jitter: float) -> int | None:
    """When to try again after so many attempts, in milliseconds since the epoch; None: it is to be given up.

    ``jitter``, from 0 to 1, makes a pause up to a tenth longer.
    """
    if attempts > len(PAUSES_MS):
        return None
    return now + int(PAUSES_MS[attempts - 1] * (1 + jitter / 10))


class WebhookSender:
    """Sends single messages; ``close`` it. ``private`` lets it call any address, for development and tests."""

    def __init__(self, *, private: bool = False, timeout: float = 15.0, clock: Clock = system_clock) -> None:
        self._private = private
        self._timeout = timeout
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    def check(self, url: str) -> str:
        """The URL, if it may be called; raises ``AddressRefused``."""
        return check_target(url, private=self._private)

    async def send(self, url: str, secret: str, message_id: str, body: bytes) -> tuple[int, str]:
        """Send a message once; return the answer's status, or 0 with a word on why there was none. Never raises."""
        headers = {"Content-Type": "application/json", **sign(secret, message_id, self._clock(), body)}
        session = self._session = self._session or self._new_session()
        try:
            async with (
                asyncio.timeout(self._timeout),
                session.post(self.check(url), data=body, headers=headers, allow_redirects=False) as response,
            ):
                return response.status, ""
        except AddressRefused as error:
            return 0, str(error)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            return 0, type(error).__name__

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _new_session(self) -> aiohttp.ClientSession:
        resolver = None if self._private else GuardedResolver()
        connector = aiohttp.TCPConnector(resolver=resolver, limit_per_host=4, use_dns_cache=False)
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

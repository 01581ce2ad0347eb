"""One notice to one browser, through its push service (RFC 8030, RFC 8291)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from enum import Enum

import aiohttp
import msgspec
from pywebpush import WebPusher  # type: ignore[import-untyped]

from portico.host.push.hosts import PushHosts
from portico.host.push.subscription import Subscription
from portico.host.push.vapid import VapidKey

TTL_S = 24 * 3600
"""How long a push service keeps a notice for a browser that is off."""
_TIMEOUT_S = 10.0
_PAUSES_S = (1.0, 5.0, 20.0)
_LONGEST_PAUSE_S = 30.0
_LARGEST = 3000  # bytes of plain text; push services take 4096 of encrypted record (RFC 8291, section 4)
_GONE = frozenset({404, 410})
_AGAIN = frozenset({408, 425, 429})

_logger = logging.getLogger(__name__)


class Outcome(Enum):
    """What became of a notice."""

    SENT = "sent"
    GONE = "gone"
    """The subscription is over."""
    GIVEN_UP = "given up"


class Notice(msgspec.Struct, frozen=True):
    """What is sent, and nothing else."""

    title: str
    body: str = ""
    href: str = "/"


class PushSender:
    """Encrypts and posts. `sleep` and `jitter` (0 to 1) are for tests."""

    def __init__(
        self,
        client: aiohttp.ClientSession,
        key: VapidKey,
        hosts: PushHosts,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._client = client
        self._key = key
        self._hosts = hosts
        self._sleep = sleep
        self._jitter = jitter

    async def send(self, subscription: Subscription, notice: Notice, *, topic: str) -> Outcome:
        """Send one notice, again for a while if the push service is busy. `topic`: a later one replaces an earlier."""
        if not self._hosts.allow(subscription.endpoint):
            return Outcome.GONE  # the list was shortened since
        body = _encrypted(subscription, notice)
        for pause in (*_PAUSES_S, None):
            status, retry_after = await self._post(subscription, body, topic)
            if 200 <= status < 300:
                return Outcome.SENT
            if status in _GONE:
                return Outcome.GONE
            if pause is None or not (status in _AGAIN or status >= 500):
                _logger.warning("A push service answered %d for %r; a notice is not sent", status, subscription)
                return Outcome.GIVEN_UP
            await self._sleep(min(_LONGEST_PAUSE_S, max(pause * (0.5 + self._jitter() / 2), retry_after)))
        raise AssertionError("unreachable")

    async def _post(self, subscription: Subscription, body: bytes, topic: str) -> tuple[int, float]:
        """The status, and how many seconds to wait if it says so. A push service that cannot be reached is a 503."""
        headers = {
            "Authorization": self._key.authorization(subscription.endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(TTL_S),
            "Topic": topic,
            "Urgency": "normal",
        }
        try:
            async with self._client.post(
                subscription.endpoint, data=body, headers=headers, allow_redirects=False
            ) as response:
                retry_after = response.headers.get("Retry-After", "")
                return response.status, float(retry_after) if retry_after.isdecimal() else 0.0
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            _logger.debug("A push service cannot be reached: %r", error)
            return 503, 0.0


def new_push_client() -> aiohttp.ClientSession:
    """The connections to push services: no cookies, and a limit on everything."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=32),
        timeout=aiohttp.ClientTimeout(total=_TIMEOUT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def _encrypted(subscription: Subscription, notice: Notice) -> bytes:
    plain = msgspec.json.encode(_shortened(notice))
    keys = {"p256dh": subscription.keys.p256dh, "auth": subscription.keys.auth}
    record = WebPusher({"endpoint": subscription.endpoint, "keys": keys}).encode(plain)["body"]
    return bytes(record)


def _shortened(notice: Notice) -> Notice:
    """As much of a notice as a push service takes."""
    over = len(msgspec.json.encode(notice)) - _LARGEST
    if over <= 0:
        return notice
    body = notice.body.encode()[: max(0, len(notice.body.encode()) - over - 3)].decode(errors="ignore")
    shorter = Notice(title=notice.title[:200], body=f"{body}…" if body else "", href=notice.href)
    return shorter if len(msgspec.json.encode(shorter)) <= _LARGEST else Notice(title=notice.title[:200])

"""How a BFF reads its issuer's public keys: the kit's one use of a network for identity."""

from __future__ import annotations

import asyncio

import httpx

from portico.keys import JwksKeys, KeySource, KeysUnavailable, KeyTimes

__all__ = ["MAX_DOCUMENT_BYTES", "HttpKeys", "JwksKeys", "KeySource", "KeyTimes"]

MAX_DOCUMENT_BYTES = 256 * 1024
"""A key set larger than this is not read to its end."""


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

"""The OpenID provider as its discovery document describes it, and its keys. Both are cached, neither for ever.

Sources: OpenID Connect Discovery 1.0, RFC 8414, RFC 7517.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec

from portico.host.clock import Clock
from portico.host.config import is_loopback
from portico.host.errors import ConfigurationError
from portico.host.session.errors import ProviderDistrusted, ProviderUnreachable
from portico.host.session.keys import ProviderKeys
from portico.host.session.settings import require_protected
from portico.host.session.shared import Shared

METADATA_TTL_S = 3600
_PATIENCE_S = 5.0
_LARGEST = 512 * 1024  # bytes of a metadata, key or userinfo document
_ENDPOINTS = (
    "authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint", "end_session_endpoint",
    "revocation_endpoint", "pushed_authorization_request_endpoint",
)  # fmt: skip


class ProviderMetadata(msgspec.Struct, frozen=True):
    """What Portico uses of a discovery document."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    revocation_endpoint: str | None = None
    pushed_authorization_request_endpoint: str | None = None
    require_pushed_authorization_requests: bool = False
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    token_endpoint_auth_signing_alg_values_supported: tuple[str, ...] | None = None
    authorization_response_iss_parameter_supported: bool = False

    def endpoints(self) -> dict[str, str]:
        """The URLs in it, by name."""
        return {name: url for name in _ENDPOINTS if (url := getattr(self, name)) is not None}


class ProviderHttp:
    """How to reach the provider; `transport` replaces the network in tests."""

    def __init__(self, issuer: str, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._transport = transport
        self._trust_environment = not is_loopback(urlsplit(issuer).hostname or "")

    @property
    def options(self) -> dict[str, Any]:
        """Options for one client: bounded in time, never redirected, through the environment's proxy if it has one."""
        return {
            "timeout": _PATIENCE_S,
            "follow_redirects": False,
            "trust_env": self._trust_environment,
            **({"transport": self._transport} if self._transport else {"verify": self._tls}),
        }

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx2.create_ssl_context()  # costly, so made once

    async def get_json(self, url: str, *, bearer: str | None = None) -> dict[str, Any]:
        """The JSON object at `url`; raises ProviderUnreachable."""
        try:
            return msgspec.json.decode(await self.get_bytes(url, bearer=bearer), type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise ProviderUnreachable(f"GET {url} did not answer a JSON object") from error

    async def get_bytes(self, url: str, *, bearer: str | None = None) -> bytes:
        """The document at `url`; raises ProviderUnreachable."""
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        try:
            async with asyncio.timeout(_PATIENCE_S), httpx2.AsyncClient(**self.options) as client:
                return await _body(client, url, headers)
        except (httpx2.HTTPError, TimeoutError) as error:
            raise ProviderUnreachable(f"GET {url}: {error!r}") from error


async def _body(client: httpx2.AsyncClient, url: str, headers: Mapping[str, str]) -> bytes:
    """The body of a 200; raises ProviderUnreachable for another status or too much of it."""
    body = b""
    async with client.stream("GET", url, headers=headers) as response:
        if response.status_code != 200:
            raise ProviderUnreachable(f"GET {url} answered {response.status_code}")
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _LARGEST:
                raise ProviderUnreachable(f"GET {url} answered more than {_LARGEST} bytes")
    return body


class Provider:
    """One provider, found by its issuer. Callers who need the same document at once share one request for it."""

    def __init__(self, issuer: str, *, http: ProviderHttp, clock: Clock) -> None:
        self.issuer = issuer
        self.http = http
        self._clock = clock
        self._metadata: ProviderMetadata | None = None
        self._metadata_at = 0.0
        self._discovering = Shared[ProviderMetadata]()
        self.keys = ProviderKeys(self._read_keys, clock=clock)

    async def metadata(self) -> ProviderMetadata:
        """The discovery document, at most an hour old; raises ProviderUnreachable or ProviderDistrusted."""
        if self._metadata is not None and self._clock() - self._metadata_at < METADATA_TTL_S:
            return self._metadata
        return await self._discovering.result_of(self._discover)

    async def metadata_now(self) -> ProviderMetadata:
        """The discovery document, asked for anew: shows that the provider is there; raises like `metadata`."""
        return await self._discovering.result_of(self._discover)

    async def _read_keys(self) -> bytes:
        return await self.http.get_bytes((await self.metadata()).jwks_uri)

    async def _discover(self) -> ProviderMetadata:
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        document = await self.http.get_json(url)
        try:
            metadata = msgspec.convert(document, ProviderMetadata)
            for name, endpoint in metadata.endpoints().items():
                require_protected(f"provider's {name}", endpoint)
        except (msgspec.ValidationError, ConfigurationError) as error:
            raise ProviderDistrusted(f"{url}: {error}") from error
        if metadata.issuer != self.issuer:
            raise ProviderDistrusted(f"{url} is about the issuer {metadata.issuer!r}, not {self.issuer!r}")
        self._metadata, self._metadata_at = metadata, self._clock()
        return metadata

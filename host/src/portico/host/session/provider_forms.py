"""Forms that the host posts to the provider: the token endpoint and its relatives.

Sources: RFC 6749 (4.1.3, 5, 6), RFC 7009, RFC 8693, RFC 9126.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import httpx2
import msgspec

from portico.host.session.client_authentication import ClientAuthentication
from portico.host.session.errors import GrantRefused, ProviderDistrusted, ProviderUnreachable
from portico.host.session.provider import Provider, ProviderMetadata

_PATIENCE_S = 5.0
_LARGEST = 512 * 1024  # bytes of an answer
_UNSAID_S = 60  # how long an access token is taken to live when the provider does not say


class TokenAnswer(msgspec.Struct):
    """What a token endpoint answers (RFC 6749, 5.1; OpenID Connect Core 3.1.3.3; RFC 8693, 2.2)."""

    access_token: str
    token_type: str
    id_token: str | None = None
    refresh_token: str | None = None
    expires_in: int | None = None

    def expires_at(self, now: float) -> int:
        """The access token's end in seconds since the epoch; a short life when the provider does not say."""
        return int(now) + (_UNSAID_S if self.expires_in is None else self.expires_in)


class RefusedByProvider(ProviderDistrusted):
    """The provider answered an OAuth error; `error` is its code (RFC 6749, 5.2)."""

    def __init__(self, where: str, error: str, description: object) -> None:
        super().__init__(f"{where} answered {error!r}: {description}")
        self.error = error


class ProviderForms:
    """Posts forms to one provider as one client."""

    def __init__(self, provider: Provider, client: ClientAuthentication) -> None:
        self._provider = provider
        self._client = client

    async def tokens(self, fields: Sequence[tuple[str, str]]) -> TokenAnswer:
        """What the token endpoint gives for a grant.

        Raises:
            GrantRefused: `invalid_grant`.
            RefusedByProvider: another OAuth error.
            ProviderUnreachable, ProviderDistrusted: it does not answer, or not as it must.
        """
        metadata = await self._provider.metadata()
        answer = await self.post("token endpoint", metadata.token_endpoint, fields, metadata)
        try:
            read = msgspec.convert(answer, TokenAnswer)
        except msgspec.ValidationError as error:
            raise ProviderDistrusted(f"the token endpoint's answer: {error}") from error
        if read.token_type.lower() != "bearer":
            raise ProviderDistrusted(f"an access token of type {read.token_type!r}")
        return read

    async def post(
        self, where: str, url: str, fields: Sequence[tuple[str, str]], metadata: ProviderMetadata
    ) -> dict[str, Any]:
        """The JSON object that answers a form, `{}` when the body is empty; raises as `tokens` does."""
        credentials = self._client.credentials(metadata)
        form: dict[str, list[str]] = {}
        for name, value in [*fields, *credentials.fields.items()]:
            form.setdefault(name, []).append(value)
        headers = {"Accept": "application/json", **credentials.headers}
        try:
            async with asyncio.timeout(_PATIENCE_S), httpx2.AsyncClient(**self._provider.http.options) as client:
                status, body = await _answer(client, url, form, headers)
        except (httpx2.HTTPError, TimeoutError) as error:
            raise ProviderUnreachable(f"the {where}: {error!r}") from error
        return _read(where, status, body)


async def _answer(
    client: httpx2.AsyncClient, url: str, form: Mapping[str, list[str]], headers: Mapping[str, str]
) -> tuple[int, bytes]:
    body = b""
    async with client.stream("POST", url, data=form, headers=headers) as response:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _LARGEST:
                raise ProviderUnreachable(f"POST {url} answered more than {_LARGEST} bytes")
    return response.status_code, body


def _read(where: str, status: int, body: bytes) -> dict[str, Any]:
    if status >= 500 or status == 429:
        raise ProviderUnreachable(f"the {where} answered {status}")
    try:
        answer = msgspec.json.decode(body, type=dict[str, Any]) if body else {}
    except msgspec.DecodeError as error:
        raise ProviderDistrusted(f"the {where} answered {status} and no JSON object") from error
    if status in {200, 201} and "error" not in answer:
        return answer
    refusal = answer.get("error")
    if not isinstance(refusal, str):
        raise ProviderDistrusted(f"the {where} answered {status} without saying why")
    if refusal == "invalid_grant":
        raise GrantRefused(f"the {where}: {answer.get('error_description', refusal)}")
    raise RefusedByProvider(where, refusal, answer.get("error_description"))

"""The OpenID Connect client: code flow with PKCE, as a confidential client.

Authlib builds the requests; what must be remembered between them is ours (see `attempts`).
Sources: OpenID Connect Core 3.1, RFC 7636, RFC 9207, OpenID Connect RP-Initiated Logout 1.0, RFC 9700.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx2
import msgspec
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError  # type: ignore[import-untyped]

from portico.host.clock import Clock
from portico.host.session.attempts import Attempt
from portico.host.session.errors import ProviderDistrusted, ProviderUnreachable, SignInRefused
from portico.host.session.id_token import IdTokenVerifier
from portico.host.session.person import Person, TokenSet, person_of
from portico.host.session.provider import Provider, ProviderMetadata
from portico.host.session.settings import SessionSettings

_PROBE_S = 2.0  # people who sign out do not wait longer for the provider


class _TokenAnswer(msgspec.Struct):
    """What the token endpoint must answer (OpenID Connect Core 3.1.3.3)."""

    access_token: str
    id_token: str
    token_type: str
    refresh_token: str | None = None
    expires_in: int | None = None


class OidcClient:
    """Sends people to one provider and reads what comes back."""

    def __init__(self, settings: SessionSettings, provider: Provider, *, clock: Clock) -> None:
        self._settings = settings
        self._provider = provider
        self._clock = clock
        self._verifier = IdTokenVerifier(provider, client_id=settings.provider.client_id, clock=clock)

    async def authorization_url(self, state: str, attempt: Attempt) -> str:
        """Where to send the person; raises ProviderUnreachable or ProviderDistrusted."""
        metadata = await self._provider.metadata()
        async with self._oauth(metadata) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint, state=state, code_verifier=attempt.verifier, nonce=attempt.nonce
            )
        return str(url)

    async def person(self, answer: Mapping[str, str], attempt: Attempt) -> tuple[Person, TokenSet]:
        """Who signed in, by the parameters that came back for this attempt.

        Raises:
            SignInRefused: the provider says no.
            ProviderUnreachable, ProviderDistrusted: it does not answer, or not as it must.
        """
        metadata = await self._provider.metadata()
        sender = answer.get("iss")
        if sender != metadata.issuer and (sender or metadata.authorization_response_iss_parameter_supported):
            raise ProviderDistrusted(f"an answer of the issuer {sender!r}")
        if "error" in answer or "code" not in answer:
            raise SignInRefused(f"the provider answered {answer.get('error', 'neither code nor error')!r}")
        tokens = await self._redeem(metadata, answer["code"], attempt)
        claims = await self._verifier.claims(tokens.id_token, nonce=attempt.nonce, access_token=tokens.access_token)
        claims = await self._with_userinfo(metadata, claims, tokens.access_token)
        names = {"roles_claim": self._settings.roles_claim, "tenant_claim": self._settings.tenant_claim}
        return person_of(claims, **names), tokens

    async def end_session_url(self, tokens: TokenSet) -> str | None:
        """Where the person signs out at the provider too; `None` when it offers that nowhere, or is not there."""
        try:
            async with asyncio.timeout(_PROBE_S):
                metadata = await self._provider.metadata_now()
        except (ProviderUnreachable, ProviderDistrusted, TimeoutError):
            return None
        endpoint = metadata.end_session_endpoint
        if endpoint is None:
            return None
        parameters = {
            "id_token_hint": tokens.id_token,
            "client_id": self._settings.provider.client_id,
            "post_logout_redirect_uri": self._settings.post_logout_redirect_uri,
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(parameters)}"

    def _oauth(self, metadata: ProviderMetadata) -> AsyncOAuth2Client:
        """A client for one exchange: Authlib's keeps the last tokens it has seen, so it is never shared."""
        return AsyncOAuth2Client(
            client_id=self._settings.provider.client_id,
            client_secret=self._settings.provider.client_secret,
            scope=self._settings.scope,
            redirect_uri=self._settings.redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method=_authentication(metadata),
            **self._provider.http.options,
        )

    async def _redeem(self, metadata: ProviderMetadata, code: str, attempt: Attempt) -> TokenSet:
        by_form = _authentication(metadata) == "client_secret_post"
        try:
            async with self._oauth(metadata) as client:
                answer = await client.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    auth=None if by_form else self._basic(),
                )
            read = msgspec.convert(dict(answer), _TokenAnswer)
        except OAuthError as error:
            raise SignInRefused(f"the token endpoint answered {error.error!r}: {error.description}") from error
        except httpx2.HTTPError as error:
            raise ProviderUnreachable(f"the token endpoint: {error!r}") from error
        except (msgspec.ValidationError, ValueError) as error:
            raise ProviderDistrusted(f"the token endpoint's answer: {error}") from error
        if read.token_type.lower() != "bearer":
            raise ProviderDistrusted(f"an access token of type {read.token_type!r}")
        expires_at = None if read.expires_in is None else int(self._clock()) + read.expires_in
        return TokenSet(read.access_token, read.id_token, read.refresh_token, expires_at)

    def _basic(self) -> httpx2.BasicAuth:
        """Basic with form-encoded parts, as RFC 6749, 2.3.1 has it and Authlib does not."""
        provider = self._settings.provider
        return httpx2.BasicAuth(quote_plus(provider.client_id), quote_plus(provider.client_secret))

    async def _with_userinfo(
        self, metadata: ProviderMetadata, claims: dict[str, Any], access_token: str
    ) -> dict[str, Any]:
        """The id_token's claims, with what a provider tells at its userinfo endpoint only (Core 5.4)."""
        if metadata.userinfo_endpoint is None or {"name", self._settings.roles_claim} <= claims.keys():
            return claims
        told = await self._provider.http.get_json(metadata.userinfo_endpoint, bearer=access_token)
        if told.get("sub") != claims.get("sub"):
            raise ProviderDistrusted("the userinfo endpoint speaks of somebody else")  # Core 5.3.2
        return told | claims


def _authentication(metadata: ProviderMetadata) -> str:
    """How to authenticate at the token endpoint; raises ProviderDistrusted when the provider takes no secret."""
    for method in ("client_secret_basic", "client_secret_post"):
        if method in metadata.token_endpoint_auth_methods_supported:
            return method
    raise ProviderDistrusted("the provider takes a client's secret neither by Basic nor by form")

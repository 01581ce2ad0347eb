"""The OpenID Connect client: code flow with PKCE, as a confidential client.

What must be remembered between requests is ours (see `attempts`).
Sources: OpenID Connect Core 3.1, RFC 7636, RFC 8707, RFC 9126, RFC 9207, RP-Initiated Logout 1.0, RFC 9700.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

from portico.host.clock import Clock
from portico.host.session.attempts import Attempt
from portico.host.session.client_authentication import ClientAuthentication
from portico.host.session.errors import GrantRefused, ProviderDistrusted, ProviderUnreachable, SignInRefused
from portico.host.session.id_token import IdTokenVerifier
from portico.host.session.person import Person, TokenSet, person_of
from portico.host.session.provider import Provider, ProviderMetadata
from portico.host.session.provider_forms import ProviderForms, RefusedByProvider
from portico.host.session.settings import SessionSettings
from portico.host.session.userinfo import with_userinfo

_PROBE_S = 2.0  # people who sign out do not wait longer for the provider

_Fields = list[tuple[str, str]]


Resources = Callable[[], Awaitable[Sequence[str]]]
"""What a sign-in that begins now asks for: whom the provider may give tokens for later (RFC 8707, 2.1)."""


class OidcClient:
    """Sends people to one provider and reads what comes back."""

    def __init__(
        self,
        settings: SessionSettings,
        provider: Provider,
        *,
        client: ClientAuthentication,
        clock: Clock,
        resources: Resources | None = None,
    ) -> None:
        self._settings = settings
        self._resources = resources
        self._client_id = settings.provider.client_id
        self._provider = provider
        self._client = client
        self._forms = ProviderForms(provider, client)
        self._clock = clock
        self._verifier = IdTokenVerifier(provider, client_id=self._client_id, clock=clock)

    async def authorization_url(self, state: str, attempt: Attempt) -> str:
        """Where to send the person; raises ProviderUnreachable or ProviderDistrusted."""
        metadata = await self._provider.metadata()
        self._client.credentials(metadata)  # better refused now than after the person has signed in
        fields: _Fields = [
            ("response_type", "code"),
            ("client_id", self._client_id),
            ("redirect_uri", self._settings.redirect_uri),
            ("scope", self._settings.provider.scope),
            ("state", state),
            ("nonce", attempt.nonce),
            ("code_challenge", create_s256_code_challenge(attempt.verifier)),
            ("code_challenge_method", "S256"),
            *(("resource", resource) for resource in self._settings.resources),
            *(("resource", resource) for resource in (await self._resources() if self._resources else ())),
        ]
        if metadata.require_pushed_authorization_requests or self._settings.provider.pushed_requests:
            fields = await self._pushed(metadata, fields)
        return _with_query(metadata.authorization_endpoint, fields)

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
        tokens = await self._redeem(answer["code"], attempt)
        claims = await self._verifier.claims(tokens.id_token, nonce=attempt.nonce, access_token=tokens.access_token)
        config = self._settings.provider
        told = await with_userinfo(self._provider, claims, tokens.access_token, roles_claim=config.roles_claim)
        return person_of(told, roles_claim=config.roles_claim, tenant_claim=config.tenant_claim), tokens

    async def end_session_url(self, tokens: TokenSet) -> str | None:
        """Where the person signs out at the provider too; `None` when it offers that nowhere, or is not there."""
        try:
            async with asyncio.timeout(_PROBE_S):
                metadata = await self._provider.metadata_now()
        except (ProviderUnreachable, ProviderDistrusted, TimeoutError):
            return None
        if metadata.end_session_endpoint is None:
            return None
        fields = [
            ("id_token_hint", tokens.id_token),
            ("client_id", self._client_id),
            ("post_logout_redirect_uri", self._settings.post_logout_redirect_uri),
        ]
        return _with_query(metadata.end_session_endpoint, fields)

    async def _pushed(self, metadata: ProviderMetadata, fields: _Fields) -> _Fields:
        """The request, left at the provider, and what is sent through the browser instead (RFC 9126)."""
        url = metadata.pushed_authorization_request_endpoint
        if url is None:
            raise ProviderDistrusted("authorization requests must be pushed, and the provider takes them nowhere")
        try:
            answer = await self._forms.post("pushed authorization request endpoint", url, fields, metadata)
        except GrantRefused as error:
            raise ProviderDistrusted(str(error)) from error
        request_uri = answer.get("request_uri")
        if not isinstance(request_uri, str) or not request_uri:
            raise ProviderDistrusted("the provider answered a pushed authorization request without a request_uri")
        return [("client_id", self._client_id), ("request_uri", request_uri)]

    async def _redeem(self, code: str, attempt: Attempt) -> TokenSet:
        try:
            read = await self._forms.tokens(
                [
                    ("grant_type", "authorization_code"),
                    ("code", code),
                    ("redirect_uri", self._settings.redirect_uri),
                    ("code_verifier", attempt.verifier),
                ]
            )
        except (GrantRefused, RefusedByProvider) as error:
            raise SignInRefused(str(error)) from error
        if read.id_token is None:
            raise ProviderDistrusted("the token endpoint's answer has no id_token")
        expires_at = None if read.expires_in is None else int(self._clock()) + read.expires_in
        return TokenSet(read.access_token, read.id_token, read.refresh_token, expires_at)


def _with_query(endpoint: str, fields: _Fields) -> str:
    """An endpoint with more parameters; it may have some of its own (RFC 6749, 3.1)."""
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(fields)}"

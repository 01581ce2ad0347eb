"""The provider's grants over HTTP: refresh, exchange, revocation.

Sources: RFC 6749 (6), RFC 7009, RFC 8693, RFC 8707, OpenID Connect Core 12.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from portico.host.clock import Clock
from portico.host.session.client_authentication import ClientAuthentication
from portico.host.session.errors import GrantRefused, ProviderUnreachable, SignInError
from portico.host.session.grants import AccessToken, Granted
from portico.host.session.id_token import IdTokenVerifier
from portico.host.session.person import TokenSet
from portico.host.session.provider import Provider
from portico.host.session.provider_forms import ProviderForms, TokenAnswer
from portico.host.session.settings import SessionSettings
from portico.host.session.userinfo import with_userinfo

_REVOKE_S = 2.0
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - a name of RFC 8693

_logger = logging.getLogger(__name__)


class ProviderGrants:
    """`Grants` of the provider that signs people in."""

    def __init__(
        self, settings: SessionSettings, provider: Provider, *, client: ClientAuthentication, clock: Clock
    ) -> None:
        self._roles_claim = settings.provider.roles_claim
        self._provider = provider
        self._forms = ProviderForms(provider, client)
        self._verifier = IdTokenVerifier(provider, client_id=settings.provider.client_id, clock=clock)
        self._clock = clock

    async def refresh(self, tokens: TokenSet, *, resource: str | None = None) -> Granted:
        """Fresh tokens (RFC 6749, 6), for one resource alone where it is named (RFC 8707); raises as `Grants` says."""
        if tokens.refresh_token is None:
            raise GrantRefused("there is no refresh token")
        fields = [("grant_type", "refresh_token"), ("refresh_token", tokens.refresh_token)]
        answer = await self._forms.tokens(fields + ([("resource", resource)] if resource else []))
        access = AccessToken(answer.access_token, answer.expires_at(self._clock()))
        claims = await self._claims(answer, tokens, is_for_userinfo=resource is None)
        kept = _kept(tokens, answer, access if resource is None else None, is_verified=claims is not None)
        return Granted(kept, access, claims)

    async def exchange(self, tokens: TokenSet, audience: str) -> AccessToken:
        """An access token for `audience` in exchange for the session's own (RFC 8693); raises as `Grants` says."""
        answer = await self._forms.tokens(
            [
                ("grant_type", _EXCHANGE),
                ("subject_token", tokens.access_token),
                ("subject_token_type", _ACCESS_TOKEN),
                ("requested_token_type", _ACCESS_TOKEN),
                ("audience", audience),
            ]
        )
        return AccessToken(answer.access_token, answer.expires_at(self._clock()))

    async def revoke(self, tokens: TokenSet) -> None:
        """Have the provider forget the refresh token (RFC 7009): best effort, within two seconds, never raises."""
        if tokens.refresh_token is None:
            return
        fields = [("token", tokens.refresh_token), ("token_type_hint", "refresh_token")]
        try:
            async with asyncio.timeout(_REVOKE_S):
                metadata = await self._provider.metadata()
                if metadata.revocation_endpoint is not None:
                    await self._forms.post("revocation endpoint", metadata.revocation_endpoint, fields, metadata)
        except (SignInError, TimeoutError) as error:
            _logger.warning("A refresh token could not be revoked: %s", error)

    async def _claims(
        self, answer: TokenAnswer, tokens: TokenSet, *, is_for_userinfo: bool
    ) -> Mapping[str, Any] | None:
        """What the answer says about the person.

        The refresh token in it may be the only one that is good now, so a provider that cannot be asked at this moment
        (for its keys, for userinfo) must not lose it: then nothing new is known.
        """
        if answer.id_token is None:
            return None
        try:
            claims = await self._verifier.renewed_claims(
                answer.id_token, before=tokens.id_token, access_token=answer.access_token
            )
            if not is_for_userinfo:
                return claims
            return await with_userinfo(self._provider, claims, answer.access_token, roles_claim=self._roles_claim)
        except ProviderUnreachable as error:
            _logger.warning("Nothing new is known about a person whose tokens are fresh: %s", error)
            return None


def _kept(tokens: TokenSet, answer: TokenAnswer, access: AccessToken | None, *, is_verified: bool) -> TokenSet:
    """The tokens to keep: the new refresh token where there is one, and an id_token only when it was verified."""
    return TokenSet(
        access_token=tokens.access_token if access is None else access.token,
        id_token=answer.id_token if answer.id_token is not None and is_verified else tokens.id_token,
        refresh_token=answer.refresh_token or tokens.refresh_token,
        expires_at=tokens.expires_at if access is None else access.expires_at,
    )

"""Tokens for BFFs that the provider issues: for one resource (RFC 8707), or in exchange (RFC 8693)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Protocol

import msgspec
from joserfc.util import urlsafe_b64decode

from portico.host.session.errors import GrantRefused, ProviderDistrusted, ProviderUnreachable
from portico.host.session.grants import AccessToken
from portico.host.tokens.errors import SessionOver, TokenUnavailable
from portico.host.tokens.source import Identity


class ProviderTokens(Protocol):
    """What the provider gives for a running session; raises GrantRefused, ProviderUnreachable, ProviderDistrusted.

    `session` is one of the host's own: what the gateway has just looked up.
    """

    async def for_resource(self, session: Any, resource: str) -> AccessToken:
        """An access token for one resource."""

    async def for_audience(self, session: Any, audience: str) -> AccessToken:
        """An access token for one audience, in exchange for the session's own."""


class ResourceTokens:
    """Asks for each BFF's token when it is first needed, with the session's refresh token."""

    def __init__(self, provider: ProviderTokens) -> None:
        self._provider = provider

    async def issue(self, identity: Identity, audience: str) -> AccessToken:
        """A token for the BFF with this audience; raises TokenUnavailable or SessionOver."""
        return await _given(self._provider.for_resource(identity, audience), identity, audience)


class ExchangedTokens:
    """Exchanges the session's access token for each BFF's own."""

    def __init__(self, provider: ProviderTokens) -> None:
        self._provider = provider

    async def issue(self, identity: Identity, audience: str) -> AccessToken:
        """A token for the BFF with this audience; raises TokenUnavailable or SessionOver."""
        return await _given(self._provider.for_audience(identity, audience), identity, audience)


async def _given(call: Awaitable[AccessToken], identity: Identity, audience: str) -> AccessToken:
    try:
        given = await call
    except GrantRefused as error:
        raise SessionOver(str(error)) from error
    except (ProviderUnreachable, ProviderDistrusted) as error:
        raise TokenUnavailable(f"The provider gives no token for {audience}: {error}") from error
    _check_audience(given.token, audience)
    return AccessToken(given.token, min(given.expires_at, int(identity.expires_at)))


class _Claims(msgspec.Struct):
    aud: str | list[str] = ""


def _check_audience(token: str, audience: str) -> None:
    """Keep a token for others from a BFF: it could use it elsewhere as this person. The BFF verifies the rest.

    Raises TokenUnavailable, also for a token that is no JWT: a provider that knows nothing of resources gives these.
    """
    try:
        _, payload, _ = token.split(".")
        found = msgspec.json.decode(urlsafe_b64decode(payload.encode()), type=_Claims).aud
    except ValueError as error:
        raise TokenUnavailable(
            f"The provider's token for {audience} is no signed JWT. Have it issue JWT access tokens for this audience, "
            "or set PORTICO_BFF_TOKENS=host."
        ) from error
    if ([found] if isinstance(found, str) else found) != [audience]:
        raise TokenUnavailable(f"The provider's token is for {found!r}, and not for {audience} alone")

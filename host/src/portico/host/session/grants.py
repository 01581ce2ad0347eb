"""What the provider can give for a person's tokens after they signed in: a port, beside those who use it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec

from portico.host.session.person import TokenSet


class AccessToken(msgspec.Struct, frozen=True):
    """An access token of the provider; `expires_at` is in whole seconds since the epoch."""

    token: str
    expires_at: int

    def __repr__(self) -> str:
        """Tokens stay out of logs."""
        return f"AccessToken(..., expires_at={self.expires_at})"


class Granted(msgspec.Struct, frozen=True):
    """What a refresh gave.

    `tokens` are to be kept from now on: the refresh token in them may be a new one, and the old one is spent then.
    `access` is the access token that was asked for. `claims` are those of a new id_token, verified, with what the
    userinfo endpoint tells; `None` when the provider says nothing new about the person.
    """

    tokens: TokenSet
    access: AccessToken
    claims: Mapping[str, Any] | None


class Grants(Protocol):
    """Asks the provider. Whoever calls `refresh` must see to it that nobody else does with the same refresh token.

    Every method but `revoke` raises:
        GrantRefused: the provider gives nothing for these tokens any more; the session must end.
        ProviderUnreachable: it does not answer; nothing is known about the tokens.
        ProviderDistrusted: its answer does not hold, or it refuses the host itself.
    """

    async def refresh(self, tokens: TokenSet, *, resource: str | None = None) -> Granted:
        """Fresh tokens (RFC 6749, 6). With `resource`, the access token is for that resource alone (RFC 8707)."""
        ...

    async def exchange(self, tokens: TokenSet, audience: str) -> AccessToken:
        """An access token for `audience` in exchange for the session's own (RFC 8693)."""
        ...

    async def revoke(self, tokens: TokenSet) -> None:
        """Have the provider forget the refresh token (RFC 7009): best effort, within two seconds, never raises."""
        ...

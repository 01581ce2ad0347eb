"""What the provider signs: tokens opened with its published keys, which are cached, but not for ever.

Sources: RFC 7517, RFC 8725; the policy of keys and tokens is `portico.keys`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from portico.host.clock import Clock
from portico.host.session.errors import ProviderDistrusted, ProviderUnreachable, SignInError
from portico.keys import (
    JwksKeys,
    KeySetRefused,
    KeysUnavailable,
    KeyTimes,
    SignedToken,
    TokenForm,
    TokenMalformed,
    VerificationKey,
    open_token,
    strict_json,
)

ALGORITHMS = frozenset({"ES256", "RS256", "PS256", "EdDSA", "Ed25519"})
"""What a provider may sign with."""
KEYS_TTL_S = 600
"""A key that the provider withdraws stops working within this time."""
_TIMES = KeyTimes(fresh=KEYS_TTL_S, revalidate=0, grace=KEYS_TTL_S)
_LONGEST = 64 * 1024  # bytes of a token; some providers put a person's every group into it


class ProviderKeys:
    """The keys of one provider. `read` returns its JWK Set; it raises ProviderUnreachable or ProviderDistrusted."""

    def __init__(self, read: Callable[[], Awaitable[bytes]], *, clock: Clock) -> None:
        self._read = read
        self._keys = JwksKeys(self._fetch, ALGORITHMS, times=_TIMES, clock=clock)

    async def signed_claims(self, token: str, *, types: frozenset[str | None]) -> tuple[dict[str, Any], str]:
        """The claims under a good signature of the provider, and its algorithm. The claims are not checked yet.

        `types` are the values of `typ` that are taken, in lower case (None: no `typ`). Raises ProviderDistrusted, or
        ProviderUnreachable when the keys cannot be had.
        """
        try:
            opened = open_token(token, TokenForm(ALGORITHMS, types, _LONGEST))
            claims = strict_json(opened.verified(await self._key(opened)))
        except (TokenMalformed, ValueError, RecursionError) as error:
            raise ProviderDistrusted(f"a token of the provider does not verify: {error}") from error
        if not isinstance(claims, dict):
            raise ProviderDistrusted("a token of the provider has no claims")
        return claims, opened.algorithm

    async def _key(self, token: SignedToken) -> VerificationKey:
        try:
            key = await self._keys.choose(token.kid, token.algorithm)
        except KeysUnavailable as error:
            raise _reason(error) from error
        if key is None:
            raise ProviderDistrusted(f"no single key of the provider fits key id {token.kid!r} and {token.algorithm}")
        return key

    async def _fetch(self) -> bytes:
        try:
            return await self._read()
        except (ProviderUnreachable, ProviderDistrusted) as error:
            raise KeysUnavailable(str(error)) from error


def _reason(error: KeysUnavailable) -> SignInError:
    """Why the keys cannot be had, in the words of signing in."""
    last = error.__cause__
    if isinstance(last, KeySetRefused) or (last is not None and isinstance(last.__cause__, ProviderDistrusted)):
        return ProviderDistrusted(str(last))
    return ProviderUnreachable(str(last or error))

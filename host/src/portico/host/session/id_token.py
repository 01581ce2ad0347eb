"""An id_token, verified (OpenID Connect Core 3.1.3.7, 3.1.3.8 and 12.2, RFC 8725)."""

from __future__ import annotations

from hashlib import sha256, sha512
from hmac import compare_digest
from typing import Any

import msgspec
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from portico.host.clock import Clock
from portico.host.session.claim_checks import LEEWAY_S, is_for, is_time
from portico.host.session.errors import ProviderDistrusted
from portico.host.session.provider import Provider

_OLDEST_S = 600  # an id_token is read right after it is issued
_SAME_IF_TOLD = ("nonce", "auth_time")
_TYPES = frozenset({None, "jwt", "application/jwt"})


class IdTokenVerifier:
    """Verifies the id_tokens that one provider issues for one client."""

    def __init__(self, provider: Provider, *, client_id: str, clock: Clock) -> None:
        self._provider = provider
        self._client_id = client_id
        self._clock = clock

    async def claims(self, token: str, *, nonce: str, access_token: str) -> dict[str, Any]:
        """The claims of a token that answers our request; raises ProviderDistrusted, or ProviderUnreachable."""
        claims, algorithm = await self._signed(token)
        sent = claims.get("nonce")
        is_ours = isinstance(sent, str) and compare_digest(sent.encode(), nonce.encode())
        _refuse(self._fault(claims) or (None if is_ours else "nonce") or _hash_fault(claims, algorithm, access_token))
        return claims

    async def renewed_claims(self, token: str, *, before: str, access_token: str) -> dict[str, Any]:
        """The claims of a token that came with a refresh, for the same person and sign-in as the one `before`.

        Raises ProviderDistrusted, or ProviderUnreachable. Source: OpenID Connect Core 12.2.
        """
        claims, algorithm = await self._signed(token)
        old = _unverified(before)
        other_person = None if claims.get("sub") == old.get("sub") else "sub"
        told_twice = (name for name in _SAME_IF_TOLD if name in claims and name in old)
        other_sign_in = next((name for name in told_twice if claims[name] != old[name]), None)
        fault = self._fault(claims) or _hash_fault(claims, algorithm, access_token)
        _refuse(fault or other_person or other_sign_in)
        return claims

    async def _signed(self, token: str) -> tuple[dict[str, Any], str]:
        return await self._provider.keys.signed_claims(token, types=_TYPES)

    def _fault(self, claims: dict[str, Any]) -> str | None:
        """The name of the first claim that does not hold."""
        now = self._clock()
        issued, expires = claims.get("iat"), claims.get("exp")
        checks = {
            "iss": claims.get("iss") == self._provider.issuer,
            "aud": is_for(claims, self._client_id),
            "azp": claims.get("azp", self._client_id) == self._client_id,
            "exp": is_time(expires) and now < expires + LEEWAY_S,
            "iat": is_time(issued) and now - _OLDEST_S - LEEWAY_S <= issued <= now + LEEWAY_S,
        }
        return next((claim for claim, holds in checks.items() if not holds), None)


def _refuse(fault: str | None) -> None:
    if fault:
        raise ProviderDistrusted(f"the id_token's {fault} is not what it must be")


def _unverified(token: str) -> dict[str, Any]:
    """The claims of a token that was verified when it came, and sealed since."""
    try:
        return msgspec.json.decode(urlsafe_b64decode(token.split(".")[1].encode()), type=dict[str, Any])
    except (ValueError, IndexError) as error:
        raise ProviderDistrusted("the kept id_token cannot be read") from error


def _hash_fault(claims: dict[str, Any], algorithm: str, access_token: str) -> str | None:
    if "at_hash" not in claims:
        return None
    digest = (sha512 if algorithm in {"EdDSA", "Ed25519"} else sha256)(access_token.encode()).digest()
    expected = urlsafe_b64encode(digest[: len(digest) // 2]).decode()
    return None if claims["at_hash"] == expected else "at_hash"

"""An id_token, verified (OpenID Connect Core 3.1.3.7 and 3.1.3.8, RFC 8725)."""

from __future__ import annotations

from hashlib import sha256, sha512
from hmac import compare_digest
from typing import Any, TypeGuard

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from portico.host.clock import Clock
from portico.host.session.errors import ProviderDistrusted
from portico.host.session.keys import ALGORITHMS, key_for
from portico.host.session.provider import Provider

LEEWAY_S = 30
_LATEST = 2**53
_OLDEST_S = 600  # an id_token is read right after it is issued
_SAME = ("sub",)
_SAME_IF_TOLD = ("nonce", "auth_time")
_TYPES = frozenset({None, "JWT", "jwt", "application/jwt"})


class _Registry(JWSRegistry):
    """Our algorithms, without the library's warning about EdDSA's name; room for headers with certificates."""

    max_header_length = 16 * 1024

    def get_alg(self, name: str) -> Any:
        if name not in ALGORITHMS:
            raise ProviderDistrusted(f"an id_token signed with {name!r}")
        return self.algorithms[name]


_registry = _Registry(strict_check_header=False)


class IdTokenVerifier:
    """Verifies the id_tokens that one provider issues for one client."""

    def __init__(self, provider: Provider, *, client_id: str, clock: Clock) -> None:
        self._provider = provider
        self._client_id = client_id
        self._clock = clock

    async def claims(self, token: str, *, nonce: str, access_token: str) -> dict[str, Any]:
        """The claims of a token that answers our request; raises ProviderDistrusted, or ProviderUnreachable."""
        claims, algorithm = await self._signed_claims(token)
        sent = claims.get("nonce")
        is_ours = isinstance(sent, str) and compare_digest(sent.encode(), nonce.encode())
        _refuse(self._fault(claims) or (None if is_ours else "nonce") or _hash_fault(claims, algorithm, access_token))
        return claims

    async def renewed_claims(self, token: str, *, before: str, access_token: str) -> dict[str, Any]:
        """The claims of a token that came with a refresh, for the same person and sign-in as the one `before`.

        Raises ProviderDistrusted, or ProviderUnreachable. Source: OpenID Connect Core 12.2.
        """
        claims, algorithm = await self._signed_claims(token)
        old = _unverified(before)
        fault = self._fault(claims) or _hash_fault(claims, algorithm, access_token)
        same = next((name for name in _SAME if claims.get(name) != old.get(name)), None)
        told_twice = (name for name in _SAME_IF_TOLD if name in claims and name in old)
        kept = next((name for name in told_twice if claims[name] != old[name]), None)
        _refuse(fault or same or kept)
        return claims

    async def _signed_claims(self, token: str) -> tuple[dict[str, Any], str]:
        """The claims under a good signature, and its algorithm."""
        try:
            header = jws.extract_compact(token.encode(), registry=_registry).headers()
            algorithm, kid = header.get("alg"), header.get("kid")
            if algorithm not in ALGORITHMS or header.get("typ") not in _TYPES:
                raise ProviderDistrusted(f"an id_token of type {header.get('typ')!r}, signed with {algorithm!r}")
            key = key_for(await self._provider.keys_for(kid), kid, algorithm)
            claims = jwt.decode(token, key, registry=_registry).claims
        except (JoseError, ValueError) as error:
            raise ProviderDistrusted(f"the id_token does not verify: {error}") from error
        return claims, algorithm

    def _fault(self, claims: dict[str, Any]) -> str | None:
        """The name of the first claim that does not hold."""
        now = self._clock()
        issued, expires = claims.get("iat"), claims.get("exp")
        checks = {
            "iss": claims.get("iss") == self._provider.issuer,
            "aud": self._is_audience(claims),
            "azp": claims.get("azp", self._client_id) == self._client_id,
            "exp": _is_time(expires) and now < expires + LEEWAY_S,
            "iat": _is_time(issued) and now - _OLDEST_S - LEEWAY_S <= issued <= now + LEEWAY_S,
        }
        return next((claim for claim, holds in checks.items() if not holds), None)

    def _is_audience(self, claims: dict[str, Any]) -> bool:
        """Ours alone, or ours among others with an `azp` that says it is for us."""
        audience = claims.get("aud")
        if isinstance(audience, list) and len(audience) > 1:
            return self._client_id in audience and claims.get("azp") == self._client_id
        return audience in (self._client_id, [self._client_id])


def _refuse(fault: str | None) -> None:
    if fault:
        raise ProviderDistrusted(f"the id_token's {fault} is not what it must be")


def _unverified(token: str) -> dict[str, Any]:
    """The claims of a token that was verified when it came, and sealed since."""
    try:
        content: dict[str, Any] = msgspec.json.decode(urlsafe_b64decode(token.split(".")[1].encode()))
    except (ValueError, IndexError) as error:
        raise ProviderDistrusted("the kept id_token cannot be read") from error
    return content


def _is_time(value: object) -> TypeGuard[float]:
    """Whether it is seconds since the epoch: a number, and one of this world (NaN compares to nothing)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LATEST


def _hash_fault(claims: dict[str, Any], algorithm: str, access_token: str) -> str | None:
    if "at_hash" not in claims:
        return None
    digest = (sha512 if algorithm in {"EdDSA", "Ed25519"} else sha256)(access_token.encode()).digest()
    expected = urlsafe_b64encode(digest[: len(digest) // 2]).decode()
    return None if claims["at_hash"] == expected else "at_hash"

"""Verification of access tokens (RFC 9068 `at+jwt`): every BFF does it for itself.

Reference for what is refused and why: RFC 8725 (JWT best current practices).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import NoReturn

import msgspec

from portico.bff.claim_names import ClaimNames, held_in
from portico.bff.claims import Claims
from portico.bff.errors import DeclarationError, KeysUnavailable, TokenRefused
from portico.keys import (
    KeySource,
    SignedToken,
    TokenForm,
    TokenMalformed,
    VerificationKey,
    check_algorithms,
    open_token,
    strict_json,
)
from portico.keys import KeysUnavailable as NoKeys

_TYPES = frozenset({"at+jwt", "application/at+jwt"})
_LATEST = 2**53  # the largest time that is exact in JSON


class TokenPolicy(msgspec.Struct, frozen=True):
    """What a token must be for this BFF, and what its issuer calls the claims that are in no standard.

    `leeway` is in seconds, `max_bytes` the longest token that is looked at.
    """

    issuers: frozenset[str]
    audience: str
    algorithms: frozenset[str] = frozenset({"ES256"})
    leeway: float = 30
    max_bytes: int = 8192
    names: ClaimNames = ClaimNames()

    def __post_init__(self) -> None:
        """Refuse a policy that would let anything in."""
        try:
            check_algorithms(self.algorithms)
        except ValueError as error:
            raise DeclarationError(str(error)) from error
        if not self.issuers or not all(self.issuers) or not self.audience:
            raise DeclarationError("A token policy names at least one issuer, and the audience")


class TokenVerifier:
    """Turns a bearer token into Claims, or raises TokenRefused.

    A token that was verified is remembered by its digest (the `cache_size` most recently used), so that the signature
    is checked once; its times, and that its key is still published, are checked every time. `now` is seconds since the
    epoch.
    """

    def __init__(
        self,
        policy: TokenPolicy,
        keys: KeySource,
        *,
        now: Callable[[], float] = time.time,
        cache_size: int = 4096,
    ) -> None:
        self._policy = policy
        self._keys = keys
        self._now = now
        self._cache_size = cache_size
        self._verified: OrderedDict[bytes, _Verified] = OrderedDict()
        self._form = TokenForm(policy.algorithms, _TYPES, policy.max_bytes)

    def recall(self, token: str) -> Claims | None:
        """The claims of a token that was verified before and is still good; None if it must be verified.

        Raises TokenRefused when it has expired since.
        """
        digest = _digest(token)
        known = self._verified.get(digest)
        if known is None:
            return None
        if self._keys.peek(known.key.kid) is not known.key:
            del self._verified[digest]
            return None
        self._check_times(known.claims.expires_at, known.not_before)
        self._verified.move_to_end(digest)
        return known.claims

    async def verify(self, token: str) -> Claims:
        """The claims of a good token.

        Raises TokenRefused for any other, and KeysUnavailable when the issuer's keys cannot be had.
        """
        if (claims := self.recall(token)) is not None:
            return claims
        try:
            opened = open_token(token, self._form)
            key = await self._key(opened)
            payload = opened.verified(key)
        except TokenMalformed as error:
            raise TokenRefused(str(error)) from error
        verified = self._check_claims(payload, key)
        self._remember(token, verified)
        return verified.claims

    async def _key(self, token: SignedToken) -> VerificationKey:
        """The published key that the header names."""
        if token.kid is None:
            _refuse("The token names no key (kid)")
        try:
            key = await self._keys.find(token.kid)
        except NoKeys as error:
            raise KeysUnavailable(str(error)) from error
        if key is None:
            _refuse("The token's key is not known")
        return key

    def _check_claims(self, payload: bytes, key: VerificationKey) -> _Verified:
        try:
            document = strict_json(payload)
            found = msgspec.json.decode(payload, type=_Payload)
            roles, tenant = self._policy.names.roles_in(document), self._policy.names.tenant_in(document)
        except (ValueError, RecursionError) as error:
            raise TokenRefused("The token's claims are not well-formed") from error
        audiences = [found.aud] if isinstance(found.aud, str) else found.aud
        if found.iss not in self._policy.issuers:
            _refuse("The token is from another issuer (iss)")
        if self._policy.audience not in audiences:
            _refuse("The token is for another audience (aud)")
        if not found.sub or not found.client_id:
            _refuse("The token names no subject or client")
        if not all(0 <= moment < _LATEST for moment in (found.exp, found.iat, found.nbf)):
            _refuse("The token's times are not possible")
        not_before = max(found.nbf, found.iat)
        self._check_times(found.exp, not_before)
        claims = self._claims(found, roles, tenant, held_in(document))
        return _Verified(claims=claims, not_before=not_before, key=key)

    def _claims(
        self, found: _Payload, roles: frozenset[str], tenant: str | None, held: Mapping[str, frozenset[str]]
    ) -> Claims:
        return Claims(
            sub=found.sub,
            client_id=found.client_id,
            issuer=found.iss,
            audience=self._policy.audience,
            issued_at=int(found.iat),
            expires_at=int(found.exp),
            token_id=found.jti,
            roles=roles,
            scopes=frozenset(found.scope.split()),
            name=found.name,
            tenant=tenant,
            held=held,
        )

    def _check_times(self, expires_at: float, not_before: float) -> None:
        now = self._now()
        if now >= expires_at + self._policy.leeway:
            _refuse("The token has expired")
        if now < not_before - self._policy.leeway:
            _refuse("The token is not valid yet")

    def _remember(self, token: str, verified: _Verified) -> None:
        self._verified[_digest(token)] = verified
        if len(self._verified) > self._cache_size:
            self._verified.popitem(last=False)


class _Verified(msgspec.Struct, frozen=True):
    claims: Claims
    not_before: float
    key: VerificationKey


class _Payload(msgspec.Struct, frozen=True):
    iss: str
    sub: str
    aud: str | list[str]
    client_id: str
    exp: float
    iat: float
    nbf: float = 0
    jti: str | None = None
    scope: str = ""
    name: str | None = None


def _digest(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _refuse(reason: str) -> NoReturn:
    raise TokenRefused(reason)

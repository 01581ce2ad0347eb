"""The receiving side: tokens of the services that are trusted, beside those of the issuer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NoReturn, Protocol

import msgspec
from joserfc.util import urlsafe_b64decode

from portico.bff.assertion.service import service_issuer
from portico.bff.assertion.trust import TrustedService
from portico.bff.claims import Claims
from portico.bff.errors import TokenRefused
from portico.bff.verifier import TokenPolicy, TokenVerifier
from portico.keys import KeySource

_LONGEST_S: Final = 300  # a key that leaked is bad enough without tokens that outlive its replacement
_FORWARDED: Final = 8192
_MAX_BYTES: Final = 3 * _FORWARDED  # a person's token travels inside, in base64 once more


class Verifier(Protocol):
    """Turns bearer tokens into claims."""

    async def verify(self, token: str) -> Claims:
        """The claims of a good token; raises TokenRefused, or KeysUnavailable."""


class ServicesVerifier:
    """Asks each token's own issuer's policy, and no other: a key of one never vouches for another.

    `people` verifies tokens of the issuer for this BFF, `policy` is theirs and `keys` its keys; `service_keys` are the
    trusted services' own, by name.
    """

    def __init__(
        self,
        people: TokenVerifier,
        *,
        policy: TokenPolicy,
        keys: KeySource,
        services: Mapping[str, TrustedService],
        service_keys: Mapping[str, KeySource],
    ) -> None:
        self._people = people
        self._senders = {
            service_issuer(name): _Sender(name, trusted, policy, keys, service_keys[name])
            for name, trusted in services.items()
        }

    async def verify(self, token: str) -> Claims:
        """See Verifier. A person's token that was verified before costs what it costs without any services."""
        if (claims := self._people.recall(token)) is not None:
            return claims
        sender = self._senders.get(_claimed_issuer(token))
        return await (self._people if sender is None else sender).verify(token)


class _Sender:
    """One trusted service."""

    def __init__(
        self, name: str, trusted: TrustedService, policy: TokenPolicy, people_keys: KeySource, keys: KeySource
    ) -> None:
        self._name = name
        self._issuer = service_issuer(name)
        self._trusted = trusted
        self._own = TokenVerifier(
            TokenPolicy(frozenset({self._issuer}), policy.audience, leeway=policy.leeway, max_bytes=_MAX_BYTES), keys
        )
        # The people that it acts for called it, so their tokens are for it and not for us.
        callers = msgspec.structs.replace(policy, audience=trusted.audience or f"urn:portico:bff:{name}")
        self._callers = TokenVerifier(callers, people_keys)

    async def verify(self, token: str) -> Claims:
        claims = await self._own.verify(token)
        said = _said(token)
        if claims.client_id != self._name:
            _refuse("The token is not of the service that signed it (client_id)")
        if claims.expires_at - claims.issued_at > _LONGEST_S:
            _refuse("The token of a service lives too long (exp)")
        scopes, roles = claims.scopes & self._trusted.scopes, claims.roles & self._trusted.roles
        # Of what else its tokens say nothing counts: rows may be reached by any claim.
        claims = msgspec.structs.replace(claims, scopes=scopes, roles=roles, act=None, held={})
        if said.act is None:
            if claims.sub != self._issuer or said.subject_token is not None:
                _refuse("The token of a service names a person without saying that it acts for them (act)")
            return msgspec.structs.replace(claims, tenant=None, name=self._name)
        if said.act.sub != self._issuer or said.act.act is not None or claims.sub == self._issuer:
            _refuse("The token names another service as the one that acts (act)")
        return await self._acting(claims, said.subject_token)

    async def _acting(self, claims: Claims, subject_token: str | None) -> Claims:
        """The person's claims, as far as this service may act for them."""
        acts_for = self._trusted.acts_for
        if acts_for == "nobody":
            _refuse("This service may not act for people")
        if claims.sub.startswith(service_issuer("")):
            _refuse("A service acts for people, not for other services (sub)")
        if acts_for == "anyone" and subject_token is None:
            return msgspec.structs.replace(claims, act=self._name)
        if subject_token is None or len(subject_token) > _FORWARDED:
            _refuse("This service may act for people who call it, and does not prove that they do (subject_token)")
        person = await self._callers.verify(subject_token)
        if person.sub != claims.sub:
            _refuse("The person's token is another's (subject_token)")
        return msgspec.structs.replace(
            claims,
            roles=person.roles,
            tenant=person.tenant,
            name=person.name,
            held=person.held,
            expires_at=min(claims.expires_at, person.expires_at),
            act=self._name,
        )


class _Act(msgspec.Struct, frozen=True):
    sub: str
    act: msgspec.Raw | None = None


class _Said(msgspec.Struct, frozen=True):
    act: _Act | None = None
    subject_token: str | None = None


class _Issuer(msgspec.Struct, frozen=True):
    iss: str = ""


def _said(token: str) -> _Said:
    """What a verified token says of whom it acts for."""
    try:
        return msgspec.json.decode(_payload(token), type=_Said)
    except ValueError as error:
        raise TokenRefused("The token's claims are not well-formed (act)") from error


def _claimed_issuer(token: str) -> str:
    """Whom the token says it is from, to choose by whose policy it is judged; nothing else rests on it."""
    if len(token) > _MAX_BYTES:
        return ""
    try:
        return msgspec.json.decode(_payload(token), type=_Issuer).iss
    except (ValueError, RecursionError):
        return ""


def _payload(token: str) -> bytes:
    return urlsafe_b64decode(token.partition(".")[2].partition(".")[0].encode("ascii", "replace"))


def _refuse(reason: str) -> NoReturn:
    raise TokenRefused(reason)

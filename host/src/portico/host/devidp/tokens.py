"""The provider's tokens: made here, and read back at `/userinfo` and `/end-session`.

Sources: OpenID Connect Core 2, RFC 9068 (`at+jwt`), OpenID Connect RP-Initiated Logout 1.0.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.util import urlsafe_b64encode

from portico.host.clock import Clock
from portico.host.devidp.config import DevPerson, DevProviderConfig
from portico.host.devidp.logins import Login
from portico.host.tokens.keys import ALGORITHM, Signer

ACCESS_TYPE = "at+jwt"
ID_TYPE = "JWT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    """Who gets tokens, through which client, for what."""

    person: DevPerson
    login: Login
    client_id: str
    scope: str


class Tokens:
    """Mints and reads the provider's JWTs, all ES256."""

    def __init__(self, config: DevProviderConfig, keys: Signer, clock: Clock) -> None:
        self._config = config
        self._keys = keys
        self._clock = clock

    def access_token(self, entitlement: Entitlement, resource: str | None = None) -> str:
        """A token for `/userinfo`; or for `resource`, which cannot ask there and so is told who it is."""
        person = entitlement.person
        claims = {
            **self._times(),
            **({"sub": person.sub} if resource is None else person_claims(person)),
            "aud": resource or self._config.issuer,
            "auth_time": entitlement.login.at,
            "sid": entitlement.login.sid,
            "client_id": entitlement.client_id,
            "scope": entitlement.scope,
            "jti": str(uuid4()),
        }
        return self._keys.sign(claims, typ=ACCESS_TYPE)

    def id_token(self, entitlement: Entitlement, access_token: str, nonce: str | None) -> str:
        """What the client learns of the person, bound to its access token (`at_hash`) and request (`nonce`)."""
        claims = {
            **self._times(),
            **person_claims(entitlement.person),
            "aud": entitlement.client_id,
            "auth_time": entitlement.login.at,
            "sid": entitlement.login.sid,
            "at_hash": urlsafe_b64encode(sha256(access_token.encode()).digest()[:16]).decode(),
        }
        if nonce is not None:
            claims["nonce"] = nonce
        return self._keys.sign(claims, typ=ID_TYPE)

    def read_access_token(self, token: str) -> dict[str, Any] | None:
        """The claims of a live access token of this provider."""
        claims = self._read(token, ACCESS_TYPE)
        if claims is None or claims.get("aud") != self._config.issuer or claims["exp"] <= self._clock():
            return None
        return claims

    def read_id_token_hint(self, token: str) -> dict[str, Any] | None:
        """The claims of an id_token that this provider once issued; it may have expired."""
        return self._read(token, ID_TYPE)

    def _times(self) -> dict[str, Any]:
        now = int(self._clock())
        return {"iss": self._config.issuer, "iat": now, "exp": now + self._config.token_lifetime}

    def _read(self, token: str, typ: str) -> dict[str, Any] | None:
        try:
            published = KeySet.import_key_set({"keys": self._keys.public_jwks()["keys"]})
            decoded = jwt.decode(token, published, algorithms=[ALGORITHM])
        except (JoseError, ValueError):
            return None
        if decoded.header.get("typ") != typ or decoded.claims.get("iss") != self._config.issuer:
            return None
        return decoded.claims


def person_claims(person: DevPerson) -> dict[str, Any]:
    """What the provider says of a person, in `id_token` and `/userinfo` alike."""
    claims: dict[str, Any] = {"sub": person.sub, "name": person.name, "roles": list(person.roles)}
    if person.email is not None:
        claims |= {"email": person.email, "email_verified": True}
    if person.tenant is not None:
        claims["tenant"] = person.tenant
    return claims

"""The sending side: this service's name and keys, and the tokens it signs for calls to others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Self

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from portico.bff.call import Call
from portico.bff.errors import SettingsError
from portico.bff.ids import new_id
from portico.keys import KeySetRefused, parse_key_set
from portico.problem import Problem

LIFETIME_S: Final = 60
"""Seconds that an assertion lives: long enough for one call and its retries."""

_ALGORITHM: Final = "ES256"


def service_issuer(name: str) -> str:
    """Who a service is, as the `iss` of its tokens, and as their `sub` when it calls on its own behalf."""
    return f"urn:portico:service:{name}"


class Service:
    """This service, when it calls others. The first of `keys` signs; all are published, so that they can be replaced.

    `now` is seconds since the epoch. Raises SettingsError for keys that no receiver would take.
    """

    def __init__(self, name: str, keys: Sequence[ECKey], *, now: Callable[[], float] = time.time) -> None:
        self.name = name
        self.issuer = service_issuer(name)
        self._now = now
        self._key = keys[0]
        self._kid = _kid(keys[0])
        self._public = {"keys": [_published(key) for key in keys]}
        try:
            parse_key_set(self._public, frozenset({_ALGORITHM}))
        except KeySetRefused as error:
            raise SettingsError(f"PORTICO_SERVICE_KEY cannot be published: {error}") from error

    @classmethod
    def from_text(cls, name: str, text: str) -> Self:
        """From a private JWK, a JWK Set of them, or a key in PEM. Raises SettingsError; it tells nothing of it."""
        try:
            return cls(name, _read(text))
        except (JoseError, ValueError, TypeError, KeyError, IndexError):
            raise SettingsError(
                "PORTICO_SERVICE_KEY must be a private key for ES256 (P-256): a JWK, a JWK Set, or PEM"
            ) from None

    def public_keys(self) -> dict[str, Any]:
        """The JWK Set that receivers verify with."""
        return self._public

    def token(
        self,
        audience: str,
        *,
        scopes: Iterable[str] = (),
        roles: Iterable[str] = (),
        sub: str | None = None,
        tenant: str | None = None,
        subject_token: str | None = None,
    ) -> str:
        """A token for one call to the BFF that is `audience` (`urn:portico:bff:<app>`).

        On this service's own behalf; or for the person `sub`, whose own token for this service is the `subject_token`:
        the receiver takes roles and tenant from there. `roles` and `tenant` are for services that may act for anyone.
        """
        now = int(self._now())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": sub or self.issuer,
            "aud": audience,
            "client_id": self.name,
            "iat": now,
            "nbf": now,
            "exp": now + LIFETIME_S,
            "jti": new_id(),
            "scope": " ".join(sorted(scopes)),
            "roles": sorted(roles),
        }
        if sub is not None:
            claims["act"] = {"sub": self.issuer}
        if tenant is not None:
            claims["tenant"] = tenant
        if subject_token is not None:
            claims["subject_token"] = subject_token
        header = {"typ": "at+jwt", "alg": _ALGORITHM, "kid": self._kid}
        registry = jws.JWSRegistry(algorithms=[_ALGORITHM])
        return jws.serialize_compact(header, msgspec.json.encode(claims), self._key, registry=registry)

    def headers(self, audience: str, *, scopes: Iterable[str] = ()) -> dict[str, str]:
        """The Authorization header of a call on this service's own behalf."""
        return {"Authorization": f"Bearer {self.token(audience, scopes=scopes)}"}

    def headers_for(self, call: Call, audience: str, *, scopes: Iterable[str] = ()) -> dict[str, str]:
        """The Authorization header of a call for the person who is calling us.

        Raises a Problem: 401 when nobody is; 403 when a service is, for itself or for somebody: that is its to say.
        """
        claims = call.claims
        if claims.act is not None or claims.issuer == service_issuer(claims.client_id):
            raise Problem(
                "not-passed-on",
                status=403,
                title="Not for services",
                detail="This is done for people who call it themselves.",
            )
        _, _, own = call.request.headers["authorization"].partition(" ")
        return {
            "Authorization": f"Bearer {self.token(audience, scopes=scopes, sub=claims.sub, subject_token=own.strip())}"
        }


def _read(text: str) -> list[ECKey]:
    if text.lstrip().startswith("-----"):
        return [_private(ECKey.import_key(text))]
    document = msgspec.json.decode(text.encode())
    return [_private(ECKey.import_key(jwk)) for jwk in document.get("keys", [document])]


def _private(key: ECKey) -> ECKey:
    if not key.is_private or key.curve_name != "P-256":
        raise ValueError("not a private key on P-256")
    return key


def _published(key: ECKey) -> dict[str, Any]:
    bare = {name: key.as_dict(private=False)[name] for name in ("kty", "crv", "x", "y")}
    return {**bare, "kid": _kid(key), "use": "sig", "alg": _ALGORITHM}


def _kid(key: ECKey) -> str:
    return key.kid or key.thumbprint()

"""A token issuer for tests: real ES256 tokens, its JWK Set, and the forgeries that must be refused."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import msgspec
from joserfc import jws
from joserfc.jwk import ECKey, Key
from joserfc.util import urlsafe_b64encode

from portico.bff.keys import JwksKeys


class TokenIssuer:
    """Signs `at+jwt` tokens as the host does. `now` is seconds since the epoch."""

    def __init__(
        self,
        *,
        issuer: str = "http://portico.test",
        audience: str = "urn:portico:bff:test",
        kid: str = "test-key-1",
        now: Callable[[], float] = time.time,
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self.kid = kid
        self.now = now
        self.key: ECKey = ECKey.generate_key("P-256")

    def claims(self, sub: str = "ada", *, roles: tuple[str, ...] = (), **changes: Any) -> dict[str, Any]:
        """The claims of a good token; `changes` replace some, and a change to None takes a claim out."""
        now = int(self.now())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": sub,
            "aud": self.audience,
            "client_id": "portico",
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "jti": str(uuid4()),
            "roles": list(roles),
            "scope": "bff",
            "name": sub.title(),
        }
        return {name: value for name, value in (claims | changes).items() if value is not None}

    def header(self, **changes: Any) -> dict[str, Any]:
        """The header of a good token, changed the same way."""
        header: dict[str, Any] = {"typ": "at+jwt", "alg": "ES256", "kid": self.kid}
        return {name: value for name, value in (header | changes).items() if value is not None}

    def token(self, sub: str = "ada", *, roles: tuple[str, ...] = (), **changes: Any) -> str:
        """A good token for a person, unless `changes` make it a bad one."""
        return self.sign(self.header(), self.claims(sub, roles=roles, **changes))

    def sign(self, header: Mapping[str, Any], claims: Mapping[str, Any] | bytes, *, key: Key | None = None) -> str:
        """Any header and claims (or raw payload bytes), signed with this issuer's key or another."""
        payload = claims if isinstance(claims, bytes) else msgspec.json.encode(claims)
        registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
        registry.max_header_length = 65536
        return jws.serialize_compact(dict(header), payload, key or self.key, registry=registry)

    def sign_text(self, header: bytes, payload: bytes) -> str:
        """Exactly these bytes as header and payload, well signed with ES256: for what no library would make."""
        signing_input = urlsafe_b64encode(header) + b"." + urlsafe_b64encode(payload)
        signature = jws.JWSRegistry.algorithms["ES256"].sign(signing_input, self.key)
        return (signing_input + b"." + urlsafe_b64encode(signature)).decode()

    def headers(self, sub: str = "ada", *, roles: tuple[str, ...] = (), **changes: Any) -> dict[str, str]:
        """The Authorization header of a person."""
        return {"Authorization": f"Bearer {self.token(sub, roles=roles, **changes)}"}

    def jwk(self) -> dict[str, Any]:
        """The public key as a JWK."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "use": "sig", "alg": "ES256"}

    def key_set(self) -> bytes:
        """The JWK Set document, as the host publishes it."""
        return msgspec.json.encode({"keys": [self.jwk()]})

    async def fetch(self) -> bytes:
        """The JWK Set without a network; for JwksKeys."""
        return self.key_set()

    def keys(self) -> JwksKeys:
        """A key source that needs no network."""
        return JwksKeys(self.fetch, frozenset({"ES256"}))

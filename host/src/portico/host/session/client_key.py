"""A client's own key for `private_key_jwt`: read from a JWK or PEM, and what it signs.

Sources: RFC 7523, OpenID Connect Core 9. The audience is the provider's issuer, as RFC 7523bis has it: a token
endpoint's address would let a malicious provider that names another's endpoint as its own collect assertions for it.
"""

from __future__ import annotations

import base64
from secrets import token_urlsafe

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key
from joserfc.jws import JWSRegistry

from portico.host.errors import ConfigurationError

LIFETIME_S = 60
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SMALLEST_RSA = 2048  # bits
_HOW = "OIDC_CLIENT_KEY must be a private key as JWK or PEM: EC P-256, Ed25519, or RSA of 2,048 bits or more"


class ClientKey:
    """Signs assertions of who the client is."""

    def __init__(self, text: str) -> None:
        """Read a JWK (JSON) or PEM; raises ConfigurationError that never quotes it."""
        key, named = _read(text.strip())
        self._key = key
        self.algorithms = _algorithms(key) if named is None else tuple(a for a in _algorithms(key) if a == named)
        """What it can sign with, best first."""
        if not self.algorithms or not key.is_private:
            raise ConfigurationError(_HOW)
        self._kid = key.kid or key.thumbprint()

    def __repr__(self) -> str:
        """Keys stay out of logs."""
        return "ClientKey(...)"

    @property
    def public_jwk(self) -> dict[str, object]:
        """What to register at the provider."""
        named = {"alg": self.algorithms[0]} if len(self.algorithms) == 1 else {}
        return {**self._key.as_dict(private=False), "kid": self._kid, "use": "sig", **named}

    def assertion(self, *, client_id: str, audience: str, algorithm: str, now: float) -> str:
        """A signed statement, good once and for a minute, that the client is who it says."""
        header = {"alg": algorithm, "kid": self._kid, "typ": "JWT"}
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "jti": token_urlsafe(16),
            "iat": int(now),
            "exp": int(now) + LIFETIME_S,
        }
        start = f"{_segment(msgspec.json.encode(header))}.{_segment(msgspec.json.encode(claims))}"
        return f"{start}.{_segment(JWSRegistry.algorithms[algorithm].sign(start.encode(), self._key))}"


def _read(text: str) -> tuple[Key, str | None]:
    """The key and the algorithm that it names, if it does; raises ConfigurationError."""
    try:
        if text.startswith("{"):
            content = msgspec.json.decode(text, type=dict[str, object])
            named = content.get("alg")
            return import_key(content), None if named is None else str(named)  # type: ignore[arg-type]
        for kind in (ECKey, RSAKey, OKPKey):
            try:
                return kind.import_key(text), None
            except (JoseError, ValueError, TypeError):
                continue
    except (JoseError, msgspec.DecodeError, ValueError, TypeError, KeyError, AttributeError):
        pass
    raise ConfigurationError(_HOW)


def _algorithms(key: Key) -> tuple[str, ...]:
    match key:
        case ECKey() if key.curve_name == "P-256":
            return ("ES256",)
        case OKPKey() if key.curve_name == "Ed25519":
            return ("Ed25519", "EdDSA")
        case RSAKey() if key.public_key.key_size >= _SMALLEST_RSA:
            return ("PS256", "RS256")
        case _:
            return ()


def _segment(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

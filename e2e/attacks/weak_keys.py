"""Keys that an issuer should not publish, and tokens signed with them."""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc.util import int_to_base64, urlsafe_b64encode

from portico.bff.testing.tokens import TokenIssuer

WEAK: dict[str, tuple[rsa.RSAPrivateKey, dict[str, Any], str]] = {
    "rsa-1024": (rsa.generate_private_key(65537, 1024), {}, "an RSA key of 1,024 bits"),
    "rsa-e3": (rsa.generate_private_key(3, 2048), {}, "an RSA key with the exponent 3"),
    "rsa-enc": (rsa.generate_private_key(65537, 2048), {"use": "enc"}, "a key that is published for encryption"),
    "rsa-pss": (rsa.generate_private_key(65537, 2048), {"alg": "PS256"}, "a key that is published for PS256"),
}
"""By key id: the key, what is published beside it, and what is wrong with it for RS256."""


def published() -> list[dict[str, Any]]:
    """The public keys, as JWKs."""
    return [_public(kid, key) | more for kid, (key, more, _) in WEAK.items()]


def token(issuer: TokenIssuer, kid: str) -> str:
    """A token with a good RS256 signature: by hand, for libraries refuse to sign with a weak key."""
    parts = [issuer.header(alg="RS256", kid=kid), issuer.claims()]
    signed = b".".join(urlsafe_b64encode(json.dumps(part).encode()) for part in parts)
    signature = WEAK[kid][0].sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return (signed + b"." + urlsafe_b64encode(signature)).decode()


def _public(kid: str, key: rsa.RSAPrivateKey) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "kid": kid, "n": int_to_base64(numbers.n), "e": int_to_base64(numbers.e)}

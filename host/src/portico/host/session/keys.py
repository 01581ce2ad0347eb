"""Which keys a provider's tokens may be checked with: public, strong enough, meant for signatures. Pure.

Sources: RFC 7517, RFC 8725 (3.1, 3.2, 3.5), RFC 9864 (fully-specified algorithms).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key
from joserfc.util import urlsafe_b64decode

from portico.host.session.errors import ProviderDistrusted

ALGORITHMS = ("ES256", "RS256", "PS256", "EdDSA", "Ed25519")
"""What an id_token may be signed with."""
_SMALLEST_RSA = 2048  # bits
_TYPES = frozenset({"EC", "OKP", "RSA"})


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key and the algorithms that it may verify."""

    kid: str | None
    key: Key
    algorithms: frozenset[str]


def verification_keys(jwks: Mapping[str, Any]) -> Sequence[VerificationKey]:
    """The usable keys of a JWK Set; what is symmetric, weak, for encryption or unknown is left out.

    Raises ProviderDistrusted when nothing is left, or when two keys share a `kid`.
    """
    entries = jwks.get("keys")
    if not isinstance(entries, list):
        raise ProviderDistrusted("the provider's keys are not a JWK Set")
    keys = [key for entry in entries if isinstance(entry, dict) and (key := _usable(entry)) is not None]
    kids = [key.kid for key in keys if key.kid is not None]
    if not keys or len(set(kids)) != len(kids):
        raise ProviderDistrusted("the provider publishes no usable key, or two under one key id")
    return keys


def key_for(keys: Sequence[VerificationKey], kid: str | None, algorithm: str) -> Key:
    """The one key that may verify such a signature; raises ProviderDistrusted.

    Without a key id there must be no choice (OpenID Connect Core 10.1).
    """
    fitting = [key for key in keys if algorithm in key.algorithms and kid in {None, key.kid}]
    if len(fitting) != 1:
        raise ProviderDistrusted(f"no single key of the provider fits key id {kid!r} and {algorithm}")
    return fitting[0].key


def _usable(entry: Mapping[str, Any]) -> VerificationKey | None:
    if entry.get("use", "sig") != "sig" or entry.get("kty") not in _TYPES:
        return None
    try:
        if "verify" not in entry.get("key_ops", ["verify"]) or _is_weak(entry):
            return None
        key = import_key({name: value for name, value in entry.items() if name != "d"})
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    algorithms = _algorithms(key)
    if "alg" in entry:
        algorithms &= {entry["alg"]}
    if not algorithms:
        return None
    kid = entry.get("kid")
    return VerificationKey(kid if isinstance(kid, str) else None, key, algorithms)


def _is_weak(entry: Mapping[str, Any]) -> bool:
    """Whether it is an RSA key that is too short: told from the modulus, before the library warns of it."""
    if entry["kty"] != "RSA":
        return False
    return int.from_bytes(urlsafe_b64decode(entry["n"].encode())).bit_length() < _SMALLEST_RSA


def _algorithms(key: Key) -> frozenset[str]:
    match key:
        case ECKey() if key.curve_name == "P-256":
            return frozenset({"ES256"})
        case OKPKey() if key.curve_name == "Ed25519":
            return frozenset({"EdDSA", "Ed25519"})
        case RSAKey():
            return frozenset({"RS256", "PS256"})
        case _:
            return frozenset()

"""Which published keys may verify tokens: the policy that JOSE libraries leave to their users.

References: RFC 7517 (JWK), RFC 7518 (key sizes), RFC 8725 (JWT best practice), CVE-2017-15361 (ROCA).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.util import base64_to_int

from portico.bff.errors import DeclarationError, KeySetRefused

_log = logging.getLogger("portico.bff.keys")

_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "Ed25519": "Ed25519"}
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})

ALGORITHMS = frozenset(_CURVES.values()) | _RSA
"""Signature algorithms a BFF may be configured to take. All asymmetric: nobody but the issuer can sign."""

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_MIN_RSA_BITS, _MAX_RSA_BITS = 2048, 8192
_MIN_RSA_EXPONENT = 65537
_MAX_KEYS = 64
_ROCA_PRIMES = (3, 5, 7, 11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)


class VerificationKey(msgspec.Struct, frozen=True, eq=False):
    """One public key and the algorithms it may verify; compared by identity."""

    kid: str
    key: Key
    algorithms: frozenset[str]
    thumbprint: str


def check_algorithms(algorithms: Iterable[str]) -> frozenset[str]:
    """The configured algorithms, when all of them are asymmetric and known; else DeclarationError."""
    names = frozenset(algorithms)
    if not names or not names <= ALGORITHMS:
        raise DeclarationError(
            f"Token algorithms must be some of {', '.join(sorted(ALGORITHMS))}; "
            f"got {', '.join(sorted(names)) or 'none'}"
        )
    return names


def parse_key_set(document: bytes, algorithms: frozenset[str]) -> dict[str, VerificationKey]:
    """The usable keys of a JWK Set by `kid`.

    A set that is dangerous as a whole raises KeySetRefused: not a key set, duplicate `kid`, symmetric keys beside
    asymmetric ones, private keys, more than 64 keys. A key that is merely not for us (encryption, unknown type, another
    algorithm, no `kid`) is left out, as RFC 7517 section 5 asks; so is a weak one, with a warning in the log.
    """
    usable: dict[str, VerificationKey] = {}
    seen: set[str] = set()
    for jwk in _members(document):
        kid = jwk.get("kid")
        if jwk.get("kty") == "oct" or _PRIVATE_MEMBERS & jwk.keys():
            raise KeySetRefused("The key set publishes a symmetric or private key")
        if not isinstance(kid, str) or not kid:
            continue
        if kid in seen:
            raise KeySetRefused("The key set has two keys with one kid")
        seen.add(kid)
        if (key := _usable_key(kid, jwk, algorithms)) is not None:
            usable[kid] = key
    return usable


def _members(document: bytes) -> list[dict[str, Any]]:
    try:
        keys = msgspec.json.decode(document, type=_KeySet).keys
    except (ValueError, RecursionError) as error:
        raise KeySetRefused("The key set is not a JWK Set (RFC 7517)") from error
    if len(keys) > _MAX_KEYS:
        raise KeySetRefused(f"The key set has more than {_MAX_KEYS} keys")
    return keys


class _KeySet(msgspec.Struct):
    keys: list[dict[str, Any]]


def _usable_key(kid: str, jwk: Mapping[str, Any], algorithms: frozenset[str]) -> VerificationKey | None:
    if jwk.get("use", "sig") != "sig" or not _may_verify(jwk.get("key_ops", ["verify"])):
        return None
    try:
        key, suited = _import(jwk)
        if "alg" in jwk:
            suited &= {jwk["alg"]}
        if not (suited := suited & algorithms):
            return None
        return VerificationKey(kid=kid, key=key, algorithms=suited, thumbprint=key.thumbprint())
    except (JoseError, ValueError, TypeError, KeyError) as error:
        _log.warning("Key %r of the issuer is not used: %s", kid[:100], error)
        return None


def _may_verify(key_ops: object) -> bool:
    return isinstance(key_ops, list) and "verify" in key_ops


def _import(jwk: Mapping[str, Any]) -> tuple[Key, frozenset[str]]:
    # Only the members of the bare key: certificates and URLs (x5c, x5u) beside it are never followed.
    match jwk.get("kty"):
        case "EC":
            return _curve_key(ECKey, jwk, ("kty", "crv", "x", "y"))
        case "OKP":
            return _curve_key(OKPKey, jwk, ("kty", "crv", "x"))
        case "RSA":
            # Before the import: joserfc only warns of a short key.
            _check_rsa(base64_to_int(jwk["n"]), base64_to_int(jwk["e"]))
            return RSAKey.import_key({name: jwk[name] for name in ("kty", "n", "e")}), _RSA
        case _:
            raise ValueError("unknown key type")


def _curve_key(
    kind: type[ECKey] | type[OKPKey], jwk: Mapping[str, Any], members: Iterable[str]
) -> tuple[Key, frozenset[str]]:
    if jwk.get("crv") not in _CURVES:
        raise ValueError("unknown curve")
    return kind.import_key({name: jwk[name] for name in members}), frozenset({_CURVES[jwk["crv"]]})


def _check_rsa(modulus: int, exponent: int) -> None:
    if not _MIN_RSA_BITS <= modulus.bit_length() <= _MAX_RSA_BITS:
        raise ValueError(f"an RSA key has {_MIN_RSA_BITS} to {_MAX_RSA_BITS} bits")
    if exponent < _MIN_RSA_EXPONENT or exponent % 2 == 0 or exponent.bit_length() > 32:
        raise ValueError("the RSA exponent is not safe")
    if all(_is_power_of_f4(modulus % prime, prime) for prime in _ROCA_PRIMES):
        raise ValueError("the RSA key was made by a broken generator (ROCA)")


def _is_power_of_f4(value: int, prime: int) -> bool:
    """Whether `value` is a power of 65537 modulo `prime`: true for all small primes only with ROCA moduli."""
    power = 1
    for _ in range(prime):
        if power == value:
            return True
        power = power * 65537 % prime
    return False

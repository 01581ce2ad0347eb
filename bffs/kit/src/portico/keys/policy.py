"""Which published keys may verify tokens: the policy that JOSE libraries leave to their users. Pure.

References: RFC 7517 (JWK), RFC 7518 (key sizes), RFC 8725 (JWT best practice, 3.1, 3.2, 3.5), RFC 9864 (algorithm
names).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.util import base64_to_int, urlsafe_b64decode

from portico.keys.errors import KeySetRefused
from portico.keys.rsa import check_rsa
from portico.keys.strict import strict_json

_log = logging.getLogger("portico.keys")

_CURVES = {
    "P-256": (ECKey, 32, frozenset({"ES256"})),
    "P-384": (ECKey, 48, frozenset({"ES384"})),
    "P-521": (ECKey, 66, frozenset({"ES512"})),
    "Ed25519": (OKPKey, 32, frozenset({"Ed25519", "EdDSA"})),
}
"""Per curve: kind of key, octets of a coordinate (RFC 7518, 6.2.1.2; RFC 8037, 2), algorithms."""
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})

ALGORITHMS = frozenset[str]().union(*(algorithms for _, _, algorithms in _CURVES.values())) | _RSA
"""Signature algorithms that may be configured. All asymmetric: nobody but the issuer can sign."""

MAX_KID = 256
"""Characters of a key id."""
_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
_OPERATIONS = frozenset({"sign", "verify"})
_MAX_KEYS = 64


class VerificationKey(msgspec.Struct, frozen=True, eq=False):
    """One public key and the algorithms it may verify; compared by identity.

    `kid` is the published one, or else the key's thumbprint (RFC 7638).
    """

    kid: str
    key: Key
    algorithms: frozenset[str]
    thumbprint: str


def check_algorithms(algorithms: Iterable[str]) -> frozenset[str]:
    """The configured algorithms, when all of them are asymmetric and known; else ValueError."""
    names = frozenset(algorithms)
    if not names or not names <= ALGORITHMS:
        raise ValueError(
            f"Token algorithms must be some of {', '.join(sorted(ALGORITHMS))}; "
            f"got {', '.join(sorted(names)) or 'none'}"
        )
    return names


def parse_key_set(document: bytes | Mapping[str, Any], algorithms: frozenset[str]) -> dict[str, VerificationKey]:
    """The usable keys of a JWK Set by `kid`.

    A set that is dangerous as a whole raises KeySetRefused: not a key set, a member or `kid` twice, symmetric or
    private keys, more than 64 keys. A key that is merely not for us (encryption, unknown type, another algorithm) is
    left out, as RFC 7517 section 5 asks; so is a weak one, with a warning in the log.
    """
    named: dict[str, VerificationKey] = {}
    unnamed: dict[str, VerificationKey] = {}
    seen: set[str] = set()
    for jwk in _members(document):
        kid = jwk.get("kid", "")
        if jwk.get("kty") == "oct" or _PRIVATE_MEMBERS & jwk.keys():
            raise KeySetRefused("The key set publishes a symmetric or private key")
        if not isinstance(kid, str) or len(kid) > MAX_KID:
            continue
        if kid in seen:
            raise KeySetRefused("The key set has two keys with one kid")
        if kid:
            seen.add(kid)
        if (key := _usable_key(kid, jwk, algorithms)) is not None:
            (named if kid else unnamed)[key.kid] = key
    return unnamed | named


def only_key(keys: Mapping[str, VerificationKey], algorithm: str) -> VerificationKey | None:
    """The one key that may verify `algorithm`: without a key id there must be no choice (OpenID Connect Core 10.1)."""
    fitting = [key for key in keys.values() if algorithm in key.algorithms]
    return fitting[0] if len(fitting) == 1 else None


def _members(document: bytes | Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        members = strict_json(document) if isinstance(document, bytes) else document
        keys = msgspec.convert(members, type=_KeySet).keys
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
            suited &= _meant(jwk["alg"])
        if not (suited := suited & algorithms):
            return None
        thumbprint = key.thumbprint()
        return VerificationKey(kid=kid or thumbprint, key=key, algorithms=suited, thumbprint=thumbprint)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        _log.warning("Key %r of the issuer is not used: %s", kid[:100], error)
        return None


def _may_verify(key_ops: object) -> bool:
    """Whether it is a list of operations for signatures alone, each once (RFC 7517, 4.3)."""
    if not isinstance(key_ops, list) or not all(isinstance(operation, str) for operation in key_ops):
        return False
    return "verify" in key_ops and len(set(key_ops)) == len(key_ops) and _OPERATIONS.issuperset(key_ops)


def _meant(alg: object) -> frozenset[str]:
    """The algorithms that the key's own `alg` allows: Ed25519 has two names (RFC 9864)."""
    if alg in ("EdDSA", "Ed25519"):
        return frozenset({"EdDSA", "Ed25519"})
    return frozenset({alg}) if isinstance(alg, str) else frozenset()


def _import(jwk: Mapping[str, Any]) -> tuple[Key, frozenset[str]]:
    # Only the members of the bare key: certificates and URLs (x5c, x5u) beside it are never followed.
    match jwk.get("kty"):
        case "EC":
            return _curve_key(ECKey, jwk, ("x", "y"))
        case "OKP":
            return _curve_key(OKPKey, jwk, ("x",))
        case "RSA":
            # Before the import: joserfc only warns of a short key.
            check_rsa(base64_to_int(jwk["n"]), base64_to_int(jwk["e"]))
            return RSAKey.import_key({name: jwk[name] for name in ("kty", "n", "e")}), _RSA
        case _:
            raise ValueError("unknown key type")


def _curve_key(
    kind: type[ECKey] | type[OKPKey], jwk: Mapping[str, Any], coordinates: tuple[str, ...]
) -> tuple[Key, frozenset[str]]:
    kind_of_curve, octets, algorithms = _CURVES.get(jwk.get("crv", ""), (None, 0, frozenset[str]()))
    if kind_of_curve is not kind:
        raise ValueError("unknown curve")
    if any(len(urlsafe_b64decode(jwk[name].encode())) != octets for name in coordinates):
        raise ValueError("a coordinate does not have the length of its curve")
    return kind.import_key({name: jwk[name] for name in ("kty", "crv", *coordinates)}), algorithms

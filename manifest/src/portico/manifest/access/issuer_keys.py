"""Which of an issuer's published keys may verify tokens. Pure.

Sources: RFC 7517 (JWK Set), RFC 7518 (key sizes), RFC 8725 (3.1, 3.2, 3.5), RFC 9864 (fully-specified algorithms).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key
from joserfc.util import urlsafe_b64decode

ALGORITHMS = frozenset({"RS256", "PS256", "ES256", "EdDSA", "Ed25519"})
"""What a CI's token may be signed with. All asymmetric: nobody but the issuer can sign."""
_SMALLEST_RSA, _LARGEST_RSA = 2048, 8192  # bits; a larger one would keep the event loop
_MOST_KEYS = 64


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """A public key and the algorithms that it may verify."""

    kid: str | None
    key: Key
    algorithms: frozenset[str]


def keys_of(document: bytes) -> Sequence[IssuerKey]:
    """Return the usable keys of a JWK Set; symmetric, weak, encryption and unknown ones are left out.

    Raises ``ValueError`` when it is none, has too many keys, two under one ``kid``, or none that is usable.
    """
    loaded = json.loads(document)
    entries = loaded.get("keys") if isinstance(loaded, dict) else None
    if not isinstance(entries, list) or len(entries) > _MOST_KEYS:
        raise ValueError(f"is not a JWK Set of at most {_MOST_KEYS} keys")
    keys = [key for entry in entries if isinstance(entry, dict) and (key := _usable(entry)) is not None]
    kids = [key.kid for key in keys if key.kid is not None]
    if not keys or len(set(kids)) != len(kids):
        raise ValueError("has no usable key, or two under one key id")
    return keys


def key_for(keys: Sequence[IssuerKey], kid: str | None, algorithm: str) -> Key | None:
    """Return the one key that may verify such a signature; without a key id there must be no choice."""
    fitting = [key for key in keys if algorithm in key.algorithms and kid in {None, key.kid}]
    return fitting[0].key if len(fitting) == 1 else None


def _usable(entry: Mapping[str, Any]) -> IssuerKey | None:
    if entry.get("use", "sig") != "sig" or entry.get("kty") not in {"EC", "OKP", "RSA"}:
        return None
    try:
        if "verify" not in entry.get("key_ops", ["verify"]) or not _is_of_good_size(entry):
            return None
        key = import_key({name: value for name, value in entry.items() if name != "d"})
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None
    algorithms = _algorithms(key)
    if "alg" in entry:
        algorithms &= {entry["alg"]}
    kid = entry.get("kid")
    return IssuerKey(kid if isinstance(kid, str) else None, key, algorithms) if algorithms else None


def _is_of_good_size(entry: Mapping[str, Any]) -> bool:
    """Tell it of an RSA key from its modulus, before the library warns of it."""
    if entry["kty"] != "RSA":
        return True
    bits = int.from_bytes(urlsafe_b64decode(entry["n"].encode())).bit_length()
    return _SMALLEST_RSA <= bits <= _LARGEST_RSA


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

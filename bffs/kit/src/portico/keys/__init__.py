"""Whose signatures count: one policy for published keys, one cache of them, one way to open a signed token.

A leaf package: the kit (access tokens), the host (id_tokens) and the deployer (tokens of CI jobs) stand on it. It has
no network: how a key set is read is handed in.
"""

from portico.keys.errors import KeysError, KeySetRefused, KeysUnavailable, TokenMalformed
from portico.keys.jwks import JwksKeys, KeySource, KeyTimes
from portico.keys.policy import ALGORITHMS, VerificationKey, check_algorithms, parse_key_set
from portico.keys.signed import SignedToken, TokenForm, open_token
from portico.keys.strict import strict_json

__all__ = [
    "ALGORITHMS",
    "JwksKeys",
    "KeySetRefused",
    "KeySource",
    "KeyTimes",
    "KeysError",
    "KeysUnavailable",
    "SignedToken",
    "TokenForm",
    "TokenMalformed",
    "VerificationKey",
    "check_algorithms",
    "open_token",
    "parse_key_set",
    "strict_json",
]

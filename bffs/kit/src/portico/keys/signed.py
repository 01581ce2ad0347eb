"""Opening a signed token (compact JWS, RFC 7515): its form, its header, then its signature. Nothing about claims.

References: RFC 8725 (3.1 algorithms, 3.11 typ), RFC 7515 (4.1.11 crit, appendix C base64url), RFC 7797 (b64).
"""

from __future__ import annotations

from typing import Any, NoReturn

import msgspec
from cryptography.exceptions import InvalidSignature
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry
from joserfc.util import urlsafe_b64decode

from portico.keys.errors import TokenMalformed
from portico.keys.policy import MAX_KID, VerificationKey
from portico.keys.strict import strict_json


class TokenForm(msgspec.Struct, frozen=True):
    """What a token must look like: `types` in lower case (None: no `typ`), at most `max_bytes` long."""

    algorithms: frozenset[str]
    types: frozenset[str | None]
    max_bytes: int = 8192


class SignedToken(msgspec.Struct, frozen=True):
    """A token of the right form whose signature is not checked yet. Keys inside its header are never looked at."""

    algorithm: str
    kid: str | None
    payload: bytes
    signing_input: bytes
    signature: bytes

    def verified(self, key: VerificationKey) -> bytes:
        """The payload, when `key` signed it and is for this algorithm; else TokenMalformed."""
        if self.algorithm not in key.algorithms:
            _refuse("The token's key is not known")
        try:
            good = JWSRegistry.algorithms[self.algorithm].verify(self.signing_input, self.signature, key.key)
        except (JoseError, InvalidSignature, ValueError, TypeError) as error:
            raise TokenMalformed("The token's signature is not valid") from error
        if not good:
            _refuse("The token's signature is not valid")
        return self.payload


def open_token(token: str | bytes, form: TokenForm) -> SignedToken:
    """Take a token apart; raises TokenMalformed unless it is of this form."""
    if len(token) > form.max_bytes:
        _refuse("The token is too long")
    try:
        raw = token.encode("ascii") if isinstance(token, str) else token
        parts = raw.split(b".")
        # joserfc's takes no padding, no other alphabet and no bits that are left over.
        first, payload, signature = (urlsafe_b64decode(part) for part in parts)
        header = strict_json(first)
    except (ValueError, RecursionError):
        _refuse("The token is not a signed JWT")
    if not isinstance(header, dict) or not payload or not signature:
        _refuse("The token is not a signed JWT")
    algorithm, kid = _checked(header, form)
    return SignedToken(algorithm, kid, payload, raw[: raw.rindex(b".")], signature)


def _checked(header: dict[str, Any], form: TokenForm) -> tuple[str, str | None]:
    """Algorithm and key id of a header that is as it must be."""
    typ, alg, kid = header.get("typ"), header.get("alg"), header.get("kid")
    if not _is_of_type(typ, form) or ("typ" in header and typ is None):
        _refuse("The token is not of the right type (typ)")
    if "crit" in header or "b64" in header:
        _refuse("The token needs an extension that is not understood (crit)")
    if "enc" in header or "zip" in header:
        _refuse("The token is encrypted or compressed")
    if not isinstance(alg, str) or alg not in form.algorithms:
        _refuse("The token's algorithm is not accepted (alg)")
    if "kid" in header and (not isinstance(kid, str) or not kid or len(kid) > MAX_KID):
        _refuse("The token names no key (kid)")
    return alg, kid


def _is_of_type(typ: object, form: TokenForm) -> bool:
    return typ.lower() in form.types if isinstance(typ, str) else typ is None and None in form.types


def _refuse(reason: str) -> NoReturn:
    raise TokenMalformed(reason)

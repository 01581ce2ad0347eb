"""Keys that the host signs with (ES256), and the port that signers and publishers share.

Sources: RFC 7517 (JWK), RFC 7518.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from portico.host.errors import ConfigurationError
from portico.host.secretfile import read_or_create

ALGORITHM = "ES256"


class Signer(Protocol):
    """Signs, and publishes what verifies it."""

    @property
    def kid(self) -> str:
        """The id of the key that signs now."""

    def sign(self, claims: dict[str, Any], *, typ: str) -> str:
        """`claims` as a compact JWS of the given `typ`, by the current key."""

    def public_jwks(self) -> dict[str, Any]:
        """The JWK Set to publish: every key whose signatures count, public parts only."""


class HostKeys:
    """Keys that stay: the first signs, all are published. Those that rotate are `RotatingKeys`."""

    def __init__(self, keys: Sequence[ECKey]) -> None:
        if not keys:
            raise ConfigurationError("A key file needs at least one key")
        self._keys = tuple(keys)

    @classmethod
    def generate(cls) -> Self:
        """One new key, kept nowhere."""
        return cls([new_key()])

    @classmethod
    def open(cls, path: Path) -> Self:
        """The keys in the file at `path` (a JWKS with private parts), created with one key when absent.

        Raises:
            ConfigurationError: the file is unreadable, others may read it, or it holds something else than ES256 keys.
        """
        content = read_or_create(path, lambda: msgspec.json.encode({"keys": [new_key().as_dict(private=True)]}))
        try:
            return cls([private_key(data) for data in msgspec.json.decode(content)["keys"]])
        except (msgspec.DecodeError, JoseError, KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{path} is not a set of private ES256 keys") from error

    @property
    def kid(self) -> str:
        """The id of the key that signs."""
        return str(self._keys[0].kid)

    def sign(self, claims: dict[str, Any], *, typ: str) -> str:
        """`claims` as a compact JWS of the given `typ`, by the current key."""
        return sign(self._keys[0], claims, typ=typ)

    def public_jwks(self) -> dict[str, Any]:
        """The JWK Set to publish: every key, public parts only."""
        return {"keys": [key.as_dict(private=False) for key in self._keys]}


def sign(key: ECKey, claims: dict[str, Any], *, typ: str) -> str:
    """`claims` as a compact JWS of the given `typ`."""
    header = {"alg": ALGORITHM, "typ": typ, "kid": str(key.kid)}
    return jwt.encode(header, claims, key, algorithms=[ALGORITHM], default_type=None)


def new_key() -> ECKey:
    """A new private key with an id."""
    key = ECKey.generate_key("P-256", parameters={"alg": ALGORITHM, "use": "sig"})
    key.ensure_kid()
    return key


def private_key(data: dict[str, Any]) -> ECKey:
    """The private P-256 key in a JWK; raises JoseError or ValueError for anything else."""
    key = ECKey.import_key(data)
    if not key.is_private or key.curve_name != "P-256":
        raise ValueError("not a private P-256 key")
    key.ensure_kid()
    return key

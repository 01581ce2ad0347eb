"""Ed25519 keys of teams (RFC 8032): public ones as the deployer keeps them, private ones in the files of who signs."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)


@dataclass(frozen=True, slots=True)
class TeamKey:
    """A public key with which a team signs its releases: 32 bytes, and ``id`` as ``key_id`` has it."""

    team: str
    id: str
    public_key: bytes
    label: str
    created_at: datetime
    revoked_at: datetime | None = None


def key_id(public_key: bytes) -> str:
    """Return a key's name: the first 128 bits of the SHA-256 of its 32 bytes, in hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()[:32]


def public_bytes(key: Ed25519PublicKey) -> bytes:
    """Return a public key's 32 bytes."""
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def private_pem(key: Ed25519PrivateKey) -> bytes:
    """Return a private key as PEM (PKCS #8), without a passphrase: the file's mode guards it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return a public key as PEM (SubjectPublicKeyInfo, RFC 8410)."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def read_private_key(pem: bytes) -> Ed25519PrivateKey:
    """Read a private key from PEM; raises ``ValueError`` with what is wrong."""
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("is not a private key in PEM without a passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("is not an Ed25519 key")
    return key


def read_public_key(pem: bytes) -> bytes:
    """Read a public key's 32 bytes from PEM; raises ``ValueError`` with what is wrong.

    A private key is refused rather than turned into its public half: it must not be sent anywhere.
    """
    if b"PRIVATE KEY" in pem:
        raise ValueError("is a private key; send the public one, and keep this one to yourself")
    try:
        key = load_pem_public_key(pem)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("is not a public key in PEM") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("is not an Ed25519 key")
    return public_bytes(key)

"""Ed25519 signatures of releases: what is signed, and how a signature travels."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portico.manifest.access.keys import TeamKey, key_id, public_bytes
from portico.manifest.errors import Finding, SignatureInvalid

HEADER = "Portico-Signature"
_DOMAIN = b"portico-release-signature-1\n"
"""Stands before what is signed, so that a signature made for anything else never counts for a release."""
_FORM = re.compile(r"\s*keyid=([0-9a-f]{32})\s*;\s*sig=([A-Za-z0-9+/]{86}==)\s*")


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature of a release's digest: the key's id and 64 bytes."""

    key_id: str
    value: bytes

    @property
    def text(self) -> str:
        """The 64 bytes in base64."""
        return base64.b64encode(self.value).decode("ascii")

    def to_header(self) -> str:
        """Return it as the header ``Portico-Signature`` carries it."""
        return f"keyid={self.key_id}; sig={self.text}"

    @classmethod
    def from_header(cls, header: str) -> "Signature":
        """Read the header; raises ``SignatureInvalid``."""
        found = _FORM.fullmatch(header)
        if found is None:
            raise invalid("is not keyid=<32 hexadecimal digits>; sig=<64 bytes in base64>")
        return cls(found[1], _bytes_of(found[2]))


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature as it is kept with a release. ``label`` is its key's; when that is ``revoked`` it does not count."""

    signature: Signature
    label: str
    at: datetime
    revoked: bool = False


def sign(digest: str, key: Ed25519PrivateKey) -> Signature:
    """Sign a release by its digest (hexadecimal), which names its whole content."""
    return Signature(key_id(public_bytes(key.public_key())), key.sign(_message(digest)))


def holds(signature: Signature, digest: str, key: TeamKey) -> bool:
    """Tell whether the signature is of this digest and by this key (RFC 8032, 5.1.7)."""
    if signature.key_id != key.id:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature.value, _message(digest))
    except (InvalidSignature, ValueError):
        return False
    return True


def invalid(detail: str) -> SignatureInvalid:
    """Return the refusal of a signature."""
    return SignatureInvalid([Finding(f"header:{HEADER}", detail)])


def _message(digest: str) -> bytes:
    return _DOMAIN + digest.encode("ascii")


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise invalid("has a signature that is not base64") from error

"""Sealed values: what the database keeps of tokens, unreadable without the key (AES-256-GCM)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portico.host.errors import ConfigurationError, HostError
from portico.host.secretfile import read_or_create

_KEY_BYTES = 32
_NONCE_BYTES = 12


class SealBroken(HostError):
    """A sealed value was changed, moved to another place, or its key is gone."""

    code = "seal-broken"


class _KeyFile(msgspec.Struct, forbid_unknown_fields=True):
    current: str
    keys: dict[str, bytes]  # base64 in JSON


class Seal:
    """Seals with the current key, opens with any: so keys rotate.

    A value is sealed for a `context` (the row it belongs to) and opens for no other.
    """

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        if current not in keys or any(len(key) != _KEY_BYTES for key in keys.values()) or "." in "".join(keys):
            raise ConfigurationError("Session keys are 32 bytes each, and the current one must be among them")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = current

    @classmethod
    def generate(cls) -> Self:
        """One new key, kept nowhere."""
        return cls({"1": token_bytes(_KEY_BYTES)}, "1")

    @classmethod
    def open(cls, path: Path) -> Self:
        """The keys in the file at `path`, created with one key when absent; raises ConfigurationError.

        The file is `{"current": "<id>", "keys": {"<id>": "<32 bytes in base64>"}}`. To rotate, add a key and make it
        current; drop the old one when the longest session is over.
        """
        content = read_or_create(path, _new_key_file)
        try:
            file = msgspec.json.decode(content, type=_KeyFile)
        except msgspec.DecodeError as error:
            raise ConfigurationError(f"{path} is not a file of session keys") from error
        return cls(file.keys, file.current)

    def seal(self, plaintext: bytes, context: str) -> str:
        """`plaintext`, readable again only with the key and for the same context."""
        nonce = token_bytes(_NONCE_BYTES)
        sealed = nonce + self._ciphers[self._current].encrypt(nonce, plaintext, context.encode())
        return f"{self._current}.{base64.urlsafe_b64encode(sealed).decode()}"

    def unseal(self, sealed: str, context: str) -> bytes:
        """What was sealed; raises SealBroken."""
        name, _, text = sealed.partition(".")
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise SealBroken(f"no session key {name!r}")
        try:
            data = base64.urlsafe_b64decode(text)
            return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken("a sealed value does not open") from error


def _new_key_file() -> bytes:
    name = token_hex(4)
    return msgspec.json.encode(_KeyFile(current=name, keys={name: token_bytes(_KEY_BYTES)}))

"""Sealed values: what the database keeps of tokens, unreadable without the key (AES-256-GCM)."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portico.host.clock import Clock
from portico.host.errors import ConfigurationError, HostError
from portico.host.session.seal_keys import SealKeyFile, SealKeys

_NONCE_BYTES = 12


class SealBroken(HostError):
    """A sealed value was changed, moved to another place, or its key is gone."""

    code = "seal-broken"


class Seal:
    """Seals with the current key, opens with any: so keys rotate.

    A value is sealed for a `context` (the row it belongs to) and opens for no other. One that was opened from a file
    takes up what `portico secrets rotate` writes there, without a new start.
    """

    def __init__(self, keys: Mapping[str, bytes], current: str, *, file: SealKeyFile | None = None) -> None:
        self._file = file
        self._take(SealKeys(current, dict(keys)))

    @classmethod
    def generate(cls) -> Self:
        """One new key, kept nowhere."""
        keys = SealKeys.new()
        return cls(keys.keys, keys.current)

    @classmethod
    def open(cls, path: Path, *, clock: Clock = time.monotonic) -> Self:
        """The keys in the file at `path`, created with one key when absent; raises ConfigurationError."""
        file = SealKeyFile(path, clock=clock)
        keys = file.read()
        return cls(keys.keys, keys.current, file=file)

    @property
    def current(self) -> str:
        """The name of the key that seals from now on."""
        return self._current

    def seal(self, plaintext: bytes, context: str) -> str:
        """`plaintext`, readable again only with the key and for the same context."""
        if self._file is not None and (newer := self._file.newer()) is not None:
            self._take(newer)
        nonce = token_bytes(_NONCE_BYTES)
        sealed = nonce + self._ciphers[self._current].encrypt(nonce, plaintext, context.encode())
        return f"{self._current}.{base64.urlsafe_b64encode(sealed).decode()}"

    def unseal(self, sealed: str, context: str) -> bytes:
        """What was sealed; raises SealBroken."""
        name, _, text = sealed.partition(".")
        cipher = self._ciphers.get(name) or self._cipher_added_since(name)
        if cipher is None:
            raise SealBroken(f"no session key {name!r}")
        try:
            data = base64.urlsafe_b64decode(text)
            return cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], context.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken("a sealed value does not open") from error

    def _cipher_added_since(self, name: str) -> AESGCM | None:
        if self._file is not None and (newer := self._file.newer(wanted=name)) is not None:
            self._take(newer)
        return self._ciphers.get(name)

    def _take(self, keys: SealKeys) -> None:
        if fault := keys.fault():
            raise ConfigurationError(fault)
        self._ciphers = {name: AESGCM(key) for name, key in keys.keys.items()}
        self._current = keys.current

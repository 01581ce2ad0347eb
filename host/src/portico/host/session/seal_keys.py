"""The file of keys that seal: what is in it, how it is replaced, and how running processes notice."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from secrets import token_bytes, token_hex
from typing import Self

import msgspec

from portico.host.clock import Clock
from portico.host.errors import ConfigurationError
from portico.host.secretfile import read_or_create, replace

NOTICED_WITHIN_S = 5
"""Seconds until a running host uses a new key for what it seals."""
_KEY_BYTES = 32
_ASKED_FOR_S = 1  # how often keys that nobody has may make a process read the file

_logger = logging.getLogger(__name__)


class SealKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Keys by name (base64 in JSON). `current` seals; all open."""

    current: str
    keys: dict[str, bytes]

    @classmethod
    def new(cls) -> Self:
        """One key."""
        name = token_hex(4)
        return cls(name, {name: token_bytes(_KEY_BYTES)})

    def rotated(self) -> SealKeys:
        """The same with a new key, which seals from now on."""
        newest = SealKeys.new()
        return SealKeys(newest.current, self.keys | newest.keys)

    def without_old(self) -> SealKeys:
        """The current key alone."""
        return SealKeys(self.current, {self.current: self.keys[self.current]})

    def fault(self) -> str | None:
        """What is wrong with these keys."""
        wrong = any(len(key) != _KEY_BYTES for key in self.keys.values()) or "." in "".join(self.keys)
        if self.current not in self.keys or wrong:
            return "Session keys are 32 bytes each, and the current one must be among them"
        return None

    def __repr__(self) -> str:
        """Keys stay out of logs."""
        return f"SealKeys({self.current!r}, {len(self.keys)} keys)"


class SealKeyFile:
    """The key file at one path; `clock` is monotonic."""

    def __init__(self, path: Path, *, clock: Clock = time.monotonic) -> None:
        self.path = path
        self._clock = clock
        self._looked_at = clock()
        self._stamp: tuple[int, int, int] | None = None

    def read(self) -> SealKeys:
        """The keys, made when there is no file yet; raises ConfigurationError."""
        self._stamp = self._stamp_now()  # before the content: what is written meanwhile is noticed later
        content = read_or_create(self.path, lambda: msgspec.json.encode(SealKeys.new()))
        try:
            keys = msgspec.json.decode(content, type=SealKeys)
        except msgspec.DecodeError as error:
            raise ConfigurationError(f"{self.path} is not a file of session keys") from error
        if fault := keys.fault():
            raise ConfigurationError(f"{self.path}: {fault}")
        return keys

    def write(self, keys: SealKeys) -> None:
        """Put these keys in place of those before, at once and for good; raises ConfigurationError."""
        replace(self.path, msgspec.json.encode(keys))

    def newer(self, *, wanted: str | None = None) -> SealKeys | None:
        """What is in the file when it has changed since, looking every few seconds; `wanted` is missed badly.

        A file that cannot be read now changes nothing.
        """
        now = self._clock()
        if now - self._looked_at < (NOTICED_WITHIN_S if wanted is None else _ASKED_FOR_S):
            return None
        self._looked_at = now
        if self._stamp_now() in {self._stamp, None}:  # when it is gone, none is made: that is for the next start
            return None
        try:
            return self.read()
        except ConfigurationError as error:
            _logger.error("The changed key file is not taken: %s", error)
            return None

    def _stamp_now(self) -> tuple[int, int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

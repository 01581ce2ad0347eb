"""Keys that rotate by themselves: one file of them, shared by all replicas of the host."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from portico.host.clock import Clock
from portico.host.errors import ConfigurationError
from portico.host.secretfile import read_or_create, replace
from portico.host.tokens.keys import new_key, sign
from portico.host.tokens.ring import AHEAD_S, KeyRing

LOOK_EVERY_S = 10
"""How often a running host looks whether its key file has changed; far less than the time a key is published ahead."""
_DAY_S = 86_400

_logger = logging.getLogger(__name__)


class KeyFile:
    """A ring in a file. Who changes it holds a lock meanwhile; who reads it sees the old ring or the new."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock

    def read(self) -> KeyRing:
        """The ring, made with one key when there is no file yet; raises ConfigurationError."""
        content = read_or_create(self.path, lambda: KeyRing.of_one(new_key(), self._clock()).write())
        try:
            return KeyRing.read(content)
        except ValueError as error:
            raise ConfigurationError(f"{self.path}: {error}") from error

    def change(self, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
        """Put what `change` makes of the ring in its place; raises ConfigurationError."""
        with self._locked():
            ring = self.read()
            changed = change(ring)
            if changed != ring:
                replace(self.path, changed.write())
            return changed

    def stamp(self) -> tuple[int, int] | None:
        """Something that changes with the file; `None` while it cannot be seen."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    @contextmanager
    def _locked(self) -> Iterator[None]:
        path = self.path.with_name(f".{self.path.name}.lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise ConfigurationError(f"Cannot lock {path}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


class RotatingKeys:
    """A Signer whose keys follow one another, in this process and in all that share the file.

    A key signs for `days` days (0: until somebody says otherwise with `portico secrets rotate tokens`). What is due is
    done when keys are asked for; a file that cannot be read or written meanwhile changes nothing, and is logged.
    """

    def __init__(self, file: KeyFile, clock: Clock, *, days: float = 30) -> None:
        if days < 0 or 0 < days * _DAY_S < 2 * AHEAD_S:
            raise ConfigurationError(f"A signing key must sign for {2 * AHEAD_S} seconds or longer")
        self._file = file
        self._clock = clock
        self._age = days * _DAY_S
        self._stamp = file.stamp()
        self._ring = file.read()
        self._look_at = 0.0

    @property
    def kid(self) -> str:
        """The id of the key that signs now."""
        return str(self._current().signer(self._clock()).key.kid)

    def sign(self, claims: dict[str, Any], *, typ: str) -> str:
        """`claims` as a compact JWS of the given `typ`, by the current key."""
        return sign(self._current().signer(self._clock()).key, claims, typ=typ)

    def public_jwks(self) -> dict[str, Any]:
        """The JWK Set to publish: every key whose signatures count or soon will, public parts only."""
        published = self._current().without_spent(self._clock())
        return {"keys": [one.key.as_dict(private=False) for one in published.keys]}

    def rotate(self) -> str:
        """Make the next key now; its id. It is published at once and signs in twenty minutes."""
        self._stamp, self._ring = self._file.stamp(), rotated(self._file, self._clock)
        return str(self._ring.keys[-1].key.kid)

    def replace_all(self) -> str:
        """Make a new key that signs at once, and withdraw all others: somebody has got hold of them. Its id."""
        self._stamp, self._ring = self._file.stamp(), replaced(self._file, self._clock)
        return str(self._ring.keys[-1].key.kid)

    def _current(self) -> KeyRing:
        now = self._clock()
        if now >= self._look_at:
            self._look_at = now + LOOK_EVERY_S
            try:
                self._look(now)
            except ConfigurationError as error:
                _logger.error("The signing keys stay as they are: %s", error)
        return self._ring

    def _look(self, now: float) -> None:
        stamp = self._file.stamp()
        # The stamp is of before the content was read or written: what others write meanwhile is noticed next time.
        if stamp is not None and stamp != self._stamp:
            self._ring, self._stamp = self._file.read(), stamp
        if self._age and self._ring.is_due(now, self._age):
            # Replicas find it due at once; the first to hold the lock makes the key, the others take it.
            self._ring = self._file.change(
                lambda ring: ring.with_next(new_key(), now) if self._is_due(ring, now) else ring
            )
            _logger.info("Signing key %s signs from %d on", *_named(self._ring))

    def _is_due(self, ring: KeyRing, now: float) -> bool:
        return ring.is_due(now, self._age)


def rotated(file: KeyFile, clock: Clock) -> KeyRing:
    """Make the next key of a file; raises ConfigurationError."""
    return file.change(lambda ring: ring.with_next(new_key(), clock()))


def replaced(file: KeyFile, clock: Clock) -> KeyRing:
    """Withdraw every key of a file for a new one that signs at once; raises ConfigurationError."""
    return file.change(lambda _: KeyRing.of_one(new_key(), clock()))


def _named(ring: KeyRing) -> tuple[str, int]:
    return str(ring.keys[-1].key.kid), ring.keys[-1].signs_from

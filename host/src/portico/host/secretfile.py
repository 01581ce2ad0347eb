"""Secrets in files: made on first start, readable by their owner alone, never half written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

from portico.host.errors import ConfigurationError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_or_create(path: Path, make: Callable[[], bytes]) -> bytes:
    """The bytes of the secret at `path`; `make()` gives them when there is no file yet.

    Several processes may start at once: one of them creates the file, all read the same bytes.

    Raises:
        ConfigurationError: the file cannot be read or written, or others than its owner may read it.
    """
    try:
        if not path.exists():
            _create(path, make())
        if path.stat().st_mode & _OTHERS:
            raise ConfigurationError(f"{path} holds secrets and others may read it: run `chmod 600 {path}`")
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"Cannot read or create {path}: {error.strerror}") from error


def replace(path: Path, content: bytes) -> None:
    """Put a secret in place of the one at `path`: readers see the old bytes or the new, whatever happens meanwhile.

    Raises ConfigurationError when it cannot be written.
    """
    try:
        draft = _draft(path, content)
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise ConfigurationError(f"Cannot write {path}: {error.strerror}") from error


def _draft(path: Path, content: bytes) -> Path:
    """A durable file beside `path`, for its owner alone."""
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        draft.unlink()
        raise
    return draft


def _create(path: Path, content: bytes) -> None:
    """Write beside `path`, make it durable, then give it its name, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, content)
    try:
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        _sync_folder(path.parent)
    finally:
        draft.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

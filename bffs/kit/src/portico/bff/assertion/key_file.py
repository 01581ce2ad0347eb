"""The file with a service's private keys: made, and given another key in front, never to be seen half written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc.jwk import ECKey

from portico.bff.assertion.service import Service
from portico.bff.errors import SettingsError

_MOST: Final = 4
"""Older keys have signed nothing that still lives."""


def add_service_key(file: Path) -> dict[str, Any]:
    """Put a new key first; return the public JWK Set. Raises SettingsError for a file that is no such file, or OSError.

    The service signs with it from its next start on; receivers with fixed keys are to be given the set before that.
    """
    keys = [_new_key(), *_kept(file)][:_MOST]
    _replace(file, msgspec.json.encode({"keys": keys}))
    return Service.from_text("service", file.read_text()).public_keys()


def _new_key() -> dict[str, Any]:
    key = ECKey.generate_key("P-256")
    return {**key.as_dict(private=True), "kid": key.thumbprint()}


def _kept(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    try:
        keys = msgspec.json.decode(file.read_bytes(), type=dict[str, list[dict[str, Any]]])["keys"]
        Service.from_text("service", file.read_text())
    except (ValueError, KeyError, SettingsError) as error:
        raise SettingsError(f"{file} is not a JWK Set of private keys; nothing was changed") from error
    return keys


def _replace(file: Path, content: bytes) -> None:
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")  # mode 0600
    try:
        with os.fdopen(number, "wb") as written:
            written.write(content)
            written.flush()
            os.fsync(written.fileno())
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

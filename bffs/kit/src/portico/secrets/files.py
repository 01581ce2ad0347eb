"""Settings that are secrets: each `X` may be given as the file `X_FILE` instead (mounted secrets, credentials)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path

from portico.secrets.secret import Secret

SECRET_SETTINGS = (
    "OIDC_CLIENT_SECRET",
    "OIDC_CLIENT_KEY",
    "PORTICO_MANIFEST_DATABASE",
    "PORTICO_SESSIONS_DATABASE",
    "PORTICO_LAKE_KEYS",
    "PORTICO_TOKEN",
    "PORTICO_SERVICE_KEY",
    "DATABASE_URL",
    "NATS_URL",
)
"""The settings that hold a secret, or a URL that may have a password in it."""

LONGEST = 64 * 1024
"""Bytes of a file that may be a secret; a key in PEM has 3 KiB."""


class SecretRefused(ValueError):
    """Secret files that cannot be used; `faults` has one sentence for each, which says what to do."""

    code = "secret-refused"

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


def with_secrets(environment: Mapping[str, str], names: Iterable[str] = SECRET_SETTINGS) -> dict[str, str]:
    """The environment with the content of each `X_FILE` as `X`, without white space around it, and as a `Secret`.

    Raises:
        SecretRefused: both are set; a file is missing, empty, too large or no text; or everybody may read it.
    """
    settings, faults = dict(environment), []
    for name in names:
        path = settings.pop(f"{name}_FILE", "")
        if not path:
            if name in settings:
                settings[name] = Secret(settings[name])
            continue
        if settings.get(name):
            faults.append(f"{name} and {name}_FILE are both set: set one of them")
            continue
        try:
            settings[name] = _content(Path(path))
        except ValueError as error:
            faults.append(f"{name}_FILE: {error}")
    if faults:
        raise SecretRefused(faults)
    return settings


def _content(path: Path) -> Secret:
    """The secret in a file; raises ValueError that says what is wrong with it, and nothing of what is in it."""
    try:
        with path.open("rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise ValueError(f"{path} is not a file")
            if found.st_mode & stat.S_IRWXO:
                raise ValueError(f"{path} holds a secret and everybody may read it: run `chmod o= {path}`")
            content = file.read(LONGEST + 1)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > LONGEST:
        raise ValueError(f"{path} has more than {LONGEST} bytes: that is no secret of ours")
    try:
        text = content.decode().strip()
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not text in UTF-8") from None
    if not text:
        raise ValueError(f"{path} is empty: write the secret into it")
    return Secret(text)

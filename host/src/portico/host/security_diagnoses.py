"""What `portico doctor` is told of the host's settings that concern security; what must not be stops the start."""

from __future__ import annotations

from portico.host.config import HostConfig
from portico.manifest.diagnosis import Diagnosis


def security_diagnoses(config: HostConfig) -> list[Diagnosis]:
    """How people sign in, and whether who finds a hole is told whom to write to."""
    return [_sign_in(config), _contact(config)]


def _sign_in(config: HostConfig) -> Diagnosis:
    if config.provider is None:
        return Diagnosis("sign-in", "warn", "by the development provider: anyone here can be anyone")
    return Diagnosis("sign-in", "ok", "by your OpenID provider")


def _contact(config: HostConfig) -> Diagnosis:
    if config.security_contact:
        return Diagnosis("security.txt", "ok", "says whom to tell of a hole")
    if config.development:
        return Diagnosis("security.txt", "ok", "an example, in development")
    return Diagnosis("security.txt", "warn", "none: who finds a hole is not told whom to tell")

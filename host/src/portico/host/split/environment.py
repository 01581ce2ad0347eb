"""What a process is told: its own settings, and of the others' nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from portico.host.services import own_settings

_PLATFORM = ("PORTICO_", "OIDC_")
_HUB_AND_STORES = frozenset({"NATS_URL", "NATS_URL_FILE", "DATABASE_URL", "DATABASE_URL_FILE"})


def without_settings(environment: Mapping[str, str], services: Collection[str]) -> dict[str, str]:
    """The environment that every program finds (`PATH`, language, proxies ...), without any setting of Portico's.

    Those that begin with the name of one of `services` are that service's alone.
    """
    theirs = {key for service in services for key in own_settings(environment, service)} | _HUB_AND_STORES
    plain = {key: text for key, text in environment.items() if key not in theirs and not key.startswith(_PLATFORM)}
    # Lines arrive as they are written, though they go into a pipe.
    return {**plain, "PYTHONUNBUFFERED": "1"}

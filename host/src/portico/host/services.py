"""Services without an app of their own, which run in the host's process beside the BFFs of apps."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint

from portico.host.errors import ConfigurationError

ALL = "*"


def services_of(wanted: tuple[str, ...], installed: Mapping[str, EntryPoint]) -> dict[str, str]:
    """The import paths of the services that an operator wants, by name; `*` is every one that is installed.

    `installed` are entry points by import path. Raises ConfigurationError for a name that none has.
    """
    paths = {entry.name: path for path, entry in installed.items()}
    if unknown := sorted(set(wanted) - {ALL} - paths.keys()):
        known = ", ".join(sorted(paths)) or "none"
        raise ConfigurationError(
            f"PORTICO_SERVICES names {', '.join(unknown)}, which is not installed here (installed: {known})"
        )
    return paths if ALL in wanted else {name: paths[name] for name in wanted}


def own_settings(environment: Mapping[str, str], service: str) -> dict[str, str]:
    """The settings of the environment that begin with a service's name: those of `thing-maker` with `THING_MAKER_`."""
    prefix = f"{service.upper().replace('-', '_')}_"
    return {key: value for key, value in environment.items() if key.startswith(prefix)}

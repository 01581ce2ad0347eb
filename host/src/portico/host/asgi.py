"""For any ASGI server: `granian --interface asgi --factory portico.host.asgi:create`, settings from the environment.

`portico.host.asgi:create_deployer` is the deployer alone.
"""

from __future__ import annotations

import os

from starlette.applications import Starlette

from portico.host.app import Host, create_app
from portico.host.config import HostConfig, check_start
from portico.host.deployer import DeployerConfig, create_deployer_app


def create() -> Host:
    """The host, configured by the environment (docs/reference/settings.md); raises ConfigurationError if unsafe."""
    config = HostConfig.from_environment(os.environ)
    check_start(config)
    return create_app(config, drains_at_signal=True)


def create_deployer() -> Starlette:
    """The manifest deployer alone, configured by the environment (docs/reference/settings.md)."""
    return create_deployer_app(DeployerConfig.from_environment(os.environ))

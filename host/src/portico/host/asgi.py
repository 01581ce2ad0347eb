"""For any ASGI server: `granian --interface asgi --factory portico.host.asgi:create`, settings from the environment."""

from __future__ import annotations

import os

from portico.host.app import Host, create_app
from portico.host.config import HostConfig


def create() -> Host:
    """The host, configured by the environment (docs/reference/settings.md)."""
    return create_app(HostConfig.from_environment(os.environ), drains_at_signal=True)

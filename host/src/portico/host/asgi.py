"""For any ASGI server: `granian --interface asgi --factory portico.host.asgi:create`, settings from the environment."""

from __future__ import annotations

import os

from starlette.applications import Starlette

from portico.host.app import create_app
from portico.host.config import HostConfig


def create() -> Starlette:
    """The host, configured by the environment (docs/reference/settings.md)."""
    return create_app(HostConfig.from_environment(os.environ))

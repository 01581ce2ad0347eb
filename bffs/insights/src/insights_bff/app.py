"""Assembly of the insights BFF."""

from collections.abc import Mapping

from starlette.applications import Starlette

from insights_bff.demo_data import demo_data
from insights_bff.facts import listener
from insights_bff.routes import ROUTES
from portico.bff import Hub, create_bff
from portico.bff.keys import KeySource


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the BFF from its settings (``portico.bff.BffSettings``); tests bring their own ``keys`` and ``hub``."""
    return create_bff(
        settings, routes=ROUTES, parts=[demo_data], listener=listener, keys=keys, hub=hub, title="Insights"
    )

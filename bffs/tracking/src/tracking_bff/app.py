"""Assembly of the tracking BFF."""

from collections.abc import Mapping

from starlette.applications import Starlette

from portico.bff import Hub, create_bff
from portico.bff.keys import KeySource
from tracking_bff.orders import listener
from tracking_bff.schema import create_schema


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the BFF from its settings (``portico.bff.BffSettings``); tests bring their own ``keys`` and ``hub``."""
    return create_bff(settings, schema=create_schema(), listener=listener, keys=keys, hub=hub, title="Tracking")

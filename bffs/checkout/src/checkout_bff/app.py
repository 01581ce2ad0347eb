"""Assembly of the checkout BFF."""

from collections.abc import Mapping

from starlette.applications import Starlette

from checkout_bff.price_book import demo_prices
from checkout_bff.progress import listener
from checkout_bff.schema import create_schema
from portico.bff import Hub, create_bff
from portico.bff.keys import KeySource


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the BFF from its settings (``portico.bff.BffSettings``); tests bring their own ``keys`` and ``hub``."""
    return create_bff(
        settings,
        schema=create_schema(),
        parts=[demo_prices],
        listener=listener,
        keys=keys,
        hub=hub,
        title="Checkout",
    )

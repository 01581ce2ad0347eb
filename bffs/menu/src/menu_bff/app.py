"""Assembly of the menu BFF."""

from collections.abc import Mapping
from typing import Final

from starlette.applications import Starlette

from menu_bff.demo_data import demo_data
from menu_bff.ratings import listener
from menu_bff.routes import ROUTES
from portico.bff import Hub, create_bff
from portico.bff.keys import KeySource
from portico.sql import Migration

MIGRATIONS: Final = (
    Migration(
        "menu/0001-by-cuisine",
        "CREATE INDEX entities_by_cuisine ON entities (discriminator, data ->> 'cuisine', pk, sk) WHERE deleted = 0;",
        "",  # PostgreSQL could not use it: row-level security comes before what looks into the data
    ),
)


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the BFF from its settings (`portico.bff.BffSettings`); tests bring their own `keys` and `hub`."""
    return create_bff(
        settings,
        routes=ROUTES,
        parts=[demo_data],
        migrations=MIGRATIONS,
        listener=listener,
        keys=keys,
        hub=hub,
        title="Menu",
    )

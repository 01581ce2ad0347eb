"""Assembly of the courier BFF."""

from collections.abc import Mapping
from typing import Final

from starlette.applications import Starlette

from courier_bff.orders import create_listener
from courier_bff.schema import create_schema
from portico.bff import Hub, SettingsError, create_bff
from portico.bff.keys import KeySource

MOST_LETTERS: Final = 100


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the BFF from its settings (``portico.bff.BffSettings``) and COURIER_FLEET, the tenant of its couriers.

    Raises ``SettingsError``. Tests bring their own ``keys`` and ``hub``.
    """
    listener = create_listener(fleet_of(settings))
    return create_bff(settings, schema=create_schema(), listener=listener, keys=keys, hub=hub, title="Courier")


def fleet_of(settings: Mapping[str, str]) -> str:
    """The tenant whose couriers bring the orders; ``riders`` unless told otherwise. Raises ``SettingsError``."""
    fleet = settings.get("COURIER_FLEET", "").strip() or "riders"
    if len(fleet) > MOST_LETTERS:
        raise SettingsError(f"COURIER_FLEET has {len(fleet)} letters; a tenant's name has at most {MOST_LETTERS}")
    return fleet

"""Assembly of the fulfilment service."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.applications import Starlette

from fulfilment_bff.saga import create_saga
from portico.bff import Hub, Listener, SettingsError, create_bff
from portico.bff.agenda import MIGRATIONS, Agenda
from portico.bff.keys import KeySource

MOST_MINUTES: Final = 24 * 60
_MINUTES: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")


def create_app(settings: Mapping[str, str], *, keys: KeySource | None = None, hub: Hub | None = None) -> Starlette:
    """Make the service from its settings (``portico.bff.BffSettings``) and FULFILMENT_ACCEPT_MINUTES (default 15).

    Raises ``SettingsError``. Tests bring their own ``keys`` and ``hub``.
    """
    listener, agenda = Listener(), Agenda()
    create_saga(listener, agenda, accept_within_ms=round(accept_minutes(settings) * 60_000))
    return create_bff(
        settings, parts=[agenda], listener=listener, migrations=MIGRATIONS, keys=keys, hub=hub, title="Fulfilment"
    )


def accept_minutes(settings: Mapping[str, str]) -> float:
    """How long a restaurant may take to answer, in minutes: 0.01 to a day. Raises ``SettingsError``."""
    value = settings.get("FULFILMENT_ACCEPT_MINUTES", "").strip() or "15"
    if not (_MINUTES.fullmatch(value) and 0 < float(value) <= MOST_MINUTES):
        raise SettingsError(f"FULFILMENT_ACCEPT_MINUTES is {value!r}; it must be a number from 0.01 to {MOST_MINUTES}")
    return float(value)

"""The kit for backends-for-frontends: identity, API and store of a BFF.

Names are imported when they are first used, because pytest imports this package in every run that has Portico
installed (for its testing plugin), also where nothing of it is needed. To export a name, add it in all three places.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portico.bff.claims import Claims
    from portico.bff.entity import EntityType, Key, Page, Reach, SearchText, Stored
    from portico.bff.errors import AccessRefused, BffError, ConflictError, InvalidQuery
    from portico.bff.events import Event
    from portico.bff.hub import Hub, NatsHub
    from portico.bff.idempotency import StoredResponse, idempotent
    from portico.bff.ids import new_id
    from portico.bff.serving import running_store
    from portico.bff.store import EntityStore
    from portico.bff.trigger import Trigger
    from portico.bff.unit_of_work import UnitOfWork

__all__ = [
    "AccessRefused",
    "BffError",
    "Claims",
    "ConflictError",
    "EntityStore",
    "EntityType",
    "Event",
    "Hub",
    "InvalidQuery",
    "Key",
    "NatsHub",
    "Page",
    "Reach",
    "SearchText",
    "Stored",
    "StoredResponse",
    "Trigger",
    "UnitOfWork",
    "idempotent",
    "new_id",
    "running_store",
]

_HOMES = {
    "claims": ("Claims",),
    "entity": ("EntityType", "Key", "Page", "Reach", "SearchText", "Stored"),
    "errors": ("AccessRefused", "BffError", "ConflictError", "InvalidQuery"),
    "events": ("Event",),
    "hub": ("Hub", "NatsHub"),
    "idempotency": ("StoredResponse", "idempotent"),
    "ids": ("new_id",),
    "serving": ("running_store",),
    "store": ("EntityStore",),
    "trigger": ("Trigger",),
    "unit_of_work": ("UnitOfWork",),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            value = getattr(import_module(f"{__name__}.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

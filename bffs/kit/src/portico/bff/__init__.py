"""The kit for backends-for-frontends: identity, API and store of a BFF.

Names are imported when they are first used, because pytest imports this package in every run that has Portico
installed (for its testing plugin), also where nothing of it is needed. To export a name, add it in all three places.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portico.bff.app import Part, create_bff
    from portico.bff.authorizer import Requirement, public, require
    from portico.bff.call import Call
    from portico.bff.claims import Claims
    from portico.bff.config import BffSettings
    from portico.bff.entity import ClaimReach, EntityType, Key, Page, Reach, SearchText, Stored
    from portico.bff.errors import AccessRefused, BffError, ConflictError, DeclarationError, InvalidQuery, SettingsError
    from portico.bff.events import Event
    from portico.bff.feeds import Notice
    from portico.bff.hub import Hub, NatsHub
    from portico.bff.idempotency import idempotent
    from portico.bff.idempotency_record import StoredResponse
    from portico.bff.ids import command_id, new_id
    from portico.bff.listener import Listener
    from portico.bff.parts import Parts
    from portico.bff.received_event import ReceivedEvent
    from portico.bff.serving import running_store
    from portico.bff.store import EntityStore
    from portico.bff.trigger import Trigger
    from portico.bff.unit_of_work import UnitOfWork

__all__ = [
    "AccessRefused",
    "BffError",
    "BffSettings",
    "Call",
    "ClaimReach",
    "Claims",
    "ConflictError",
    "DeclarationError",
    "EntityStore",
    "EntityType",
    "Event",
    "Hub",
    "InvalidQuery",
    "Key",
    "Listener",
    "NatsHub",
    "Notice",
    "Page",
    "Part",
    "Parts",
    "Reach",
    "ReceivedEvent",
    "Requirement",
    "SearchText",
    "SettingsError",
    "Stored",
    "StoredResponse",
    "Trigger",
    "UnitOfWork",
    "command_id",
    "create_bff",
    "idempotent",
    "new_id",
    "public",
    "require",
    "running_store",
]

_HOMES = {
    "app": ("Part", "create_bff"),
    "authorizer": ("Requirement", "public", "require"),
    "call": ("Call",),
    "claims": ("Claims",),
    "config": ("BffSettings",),
    "entity": ("ClaimReach", "EntityType", "Key", "Page", "Reach", "SearchText", "Stored"),
    "errors": ("AccessRefused", "BffError", "ConflictError", "DeclarationError", "InvalidQuery", "SettingsError"),
    "events": ("Event",),
    "feeds": ("Notice",),
    "hub": ("Hub", "NatsHub"),
    "idempotency": ("idempotent",),
    "idempotency_record": ("StoredResponse",),
    "ids": ("command_id", "new_id"),
    "listener": ("Listener",),
    "parts": ("Parts",),
    "received_event": ("ReceivedEvent",),
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

"""The kit for backends-for-frontends: identity, API and store of a BFF.

Names are imported when they are first used, because pytest imports this package in every run that has Portico
installed (for its testing plugin), also where nothing of it is needed. To export a name, add it in all three places.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portico.bff.claims import Claims

__all__ = ["Claims"]

_HOMES = {
    "claims": ("Claims",),
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

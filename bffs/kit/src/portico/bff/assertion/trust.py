"""What a receiver is told of the services that may call it: their keys, and how far each is trusted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

ActsFor = Literal["nobody", "callers", "anyone"]
"""For whom a service may act.

`callers`: for people who call it, as their own tokens, which it passes on, prove. `anyone`: for whomever it names, with
the roles that it is trusted with; for what runs when nobody is there.
"""

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")


class TrustedService(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """One service that may call: its published keys behind `keysUrl` or as `keys` (a JWK Set), and what it may.

    Of the scopes and roles that its tokens name, only those listed here count. `audience` is whom the people's tokens
    are for that it passes on; by default `urn:portico:bff:<name>`.
    """

    keys_url: str | None = None
    keys: dict[str, Any] | None = None
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    acts_for: ActsFor = "nobody"
    audience: str | None = None


def trusted_services(text: str) -> Mapping[str, TrustedService]:
    """The services of a setting such as `{"reports": {"keysUrl": "https://...", "scopes": ["things.read"]}}`, by name.

    Raises ValueError with a sentence that says what is wrong, and where.
    """
    if not text.strip():
        return {}
    try:
        found = msgspec.json.decode(text, type=dict[str, TrustedService])
    except ValueError as error:
        raise ValueError(f"it is not what it should be: {error}") from error
    for name, service in found.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name[:80]!r} is no name of a service: lower-case letters, digits and dashes")
        if (service.keys_url is None) == (service.keys is None):
            raise ValueError(f"{name}: give either keysUrl or keys")
        if service.roles and service.acts_for == "callers":
            raise ValueError(f"{name}: who acts for callers has their roles, none of its own; take roles out")
    return found

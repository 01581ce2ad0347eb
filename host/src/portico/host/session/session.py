"""A session as the host sees it, and how it is read from its row."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import msgspec

from portico.sql import Row

COLUMNS = "id, sub, name, roles, tenant, last_seen_at, expires_at, version, refresh_at"
"""What `session_in` reads, in this order."""
_REMEMBERED = 4096
_ROLES = msgspec.json.Decoder(tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person as the host sees them. `id` is the SHA-256 of the secret in the cookie, in hexadecimal.

    `expires_at` is in seconds since the epoch: when the session ends if nothing more is heard. `version` grows with
    every change of what the session says. From `refresh_at` on the provider is to be asked whether it still holds.
    """

    id: str
    sub: str
    name: str
    roles: tuple[str, ...]
    tenant: str | None
    expires_at: float
    version: int
    refresh_at: float | None = field(default=None, compare=False)


@lru_cache(_REMEMBERED)
def session_in(row: Row, *, idle: int) -> tuple[Session, int]:
    """The session in a row of `COLUMNS`, and when it was last seen."""
    session_id, sub, name, roles, tenant, last_seen, expires_at, version, refresh_at = row
    seen = int(last_seen or 0)
    session = Session(
        id=str(session_id),
        sub=str(sub),
        name=str(name),
        roles=_ROLES.decode(str(roles)),
        tenant=None if tenant is None else str(tenant),
        expires_at=float(min(int(expires_at or 0), seen + idle)),
        version=int(version or 0),
        refresh_at=None if refresh_at is None else float(refresh_at),
    )
    return session, seen


def roles_as_kept(roles: tuple[str, ...]) -> str:
    """Roles as a row holds them."""
    return msgspec.json.encode(roles).decode()

"""One line of the audit, and pages of them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Outcome = Literal["allowed", "refused"]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody did something, or was not allowed to. `at` is in milliseconds since the epoch.

    `actor` is a person's `sub`, `anonymous`, or `system:<reason>`; `client` is what they did it through: the
    `client_id` of the token, which is another service when one acts for the person. `kind` and `key` name the entity
    (or the operation that was refused), `version` the one it got. `reason` says why it was refused.
    """

    at: int
    actor: str
    action: str
    outcome: Outcome
    kind: str
    key: str
    sort: str = ""
    version: int | None = None
    client: str | None = None
    tenant: str | None = None
    reason: str | None = None
    seq: int = 0


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which entries: those for which everything that is given holds. `since` is inclusive, `until` is not."""

    actor: str | None = None
    kind: str | None = None
    entity: str | None = None
    action: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    tenant: str | None = None

    def words(self) -> str:
        """What was asked for, in one line, for the entry that the reading itself leaves."""
        given = ((name, getattr(self, name)) for name in self.__struct_fields__ if name != "tenant")
        return " ".join(f"{name}={value}" for name, value in given if value is not None)[:500]


class EntryPage(msgspec.Struct, frozen=True, rename="camel"):
    """Entries, newest first, and the cursor of the page after them."""

    items: tuple[Entry, ...]
    next_cursor: str | None = None

"""Writing what happens to sessions, and what people were refused."""

from __future__ import annotations

import logging
import time
from typing import Final, Protocol

from portico.audit import Entry, Outcome, Sparing, Trail
from portico.host.audit.schema import TABLE
from portico.host.clock import Clock
from portico.host.gateway.rate import Rate
from portico.sql import Database, SqlError

ANYBODY: Final = "anonymous"
PROVIDER: Final = "system:provider"
"""The OpenID provider, which ends sessions by back-channel logout."""

_SHOWN: Final = 12  # characters of a session's id: enough to tell sessions apart, no use for anything else
_LONGEST: Final = 300
_REFUSED_A_MINUTE: Final = 60  # of one person: rows of an audit cannot be deleted, so nobody may fill it
_logger = logging.getLogger(__name__)


class Someone(Protocol):
    """A person with a session, as far as it matters here."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def sub(self) -> str: ...  # noqa: D102
    @property
    def tenant(self) -> str | None: ...  # noqa: D102


class HostAudit:
    """The audit of one host. `clock` is in seconds since the epoch."""

    def __init__(self, database: Database, clock: Clock, sparing: Sparing | None = None) -> None:
        self.trail = Trail(database, TABLE)
        self._clock = clock
        self._sparing = sparing or Sparing()
        self._refused = Rate("refused", _REFUSED_A_MINUTE, time.monotonic)

    def now(self) -> int:
        """In milliseconds since the epoch."""
        return int(self._clock() * 1000)

    async def session(self, action: str, person: Someone, reason: str | None = None) -> None:
        """Something happened to a person's session: `sign-in`, `sign-out`, `revoke`."""
        await self._write(self._entry(person, action, "session", person.id[:_SHOWN], reason=reason))

    async def ended_by_provider(self, session_id: str, reason: str) -> None:
        """The provider ended a session."""
        entry = Entry(
            at=self.now(),
            actor=PROVIDER,
            action="back-channel-logout",
            outcome="allowed",
            kind="session",
            key=session_id[:_SHOWN],
            reason=reason[:_LONGEST],
        )
        await self._write(entry)

    async def not_signed_in(self, action: str, code: str) -> None:
        """A sign-in, or a logout that claims to be the provider's, was refused; `code` says why."""
        entry = Entry(
            at=self.now(), actor=ANYBODY, action=action, outcome="refused", kind="session", key="", reason=code
        )
        if self._sparing.is_due((action, code)):
            await self._write(entry)

    async def refused(self, person: Someone, action: str, key: str, reason: str) -> None:
        """A person was refused a page (`open`) or another thing of the host; the same one once a minute.

        Of one person no more than 60 a minute: an address may have any number of pages below it.
        """
        if self._sparing.is_due((person.sub, action, key)) and self._refused.take(person.sub) is None:
            await self._write(self._entry(person, action, "page", key, reason=reason, outcome="refused"))

    async def did(self, person: Someone, action: str, kind: str, key: str) -> None:
        """A person did what is no business of a BFF."""
        await self._write(self._entry(person, action, kind, key))

    async def _write(self, entry: Entry) -> None:
        """A store that cannot write must neither keep anybody signed in nor let anybody through: it is only logged."""
        try:
            await self.trail.add(entry)
        except SqlError as error:
            _logger.error("Missing in the audit: %s %s by %s: %s", entry.action, entry.outcome, entry.actor, error)

    def _entry(
        self,
        person: Someone,
        action: str,
        kind: str,
        key: str,
        *,
        reason: str | None = None,
        outcome: Outcome = "allowed",
    ) -> Entry:
        return Entry(
            at=self.now(),
            actor=person.sub,
            action=action,
            outcome=outcome,
            kind=kind,
            key=key[:_LONGEST],
            tenant=person.tenant,
            reason=reason,
        )

"""Deploy tokens: who may change which team's apps."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from portico.manifest.errors import NotOperator, NotYourApp

EVERY_TEAM = "*"
"""The scope of a token that may change every team's apps."""

PREFIX = "portico_"
"""Every token begins with it, so that secret scanners know one when they see it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose apps may be changed: every app of ``team`` (of every team when it is ``*``), or ``app`` alone."""

    team: str
    app: str | None = None

    def covers(self, team: str, app: str | None) -> bool:
        """Tell whether ``app`` of ``team`` is in the scope; ``None`` stands for the team as a whole."""
        return self.team in {EVERY_TEAM, team} and self.app in {None, app}

    def __str__(self) -> str:
        """Return it as a sentence has it."""
        return f"app {self.app} of team {self.team}" if self.app else f"team {self.team}"


@dataclass(frozen=True, slots=True)
class DeployToken:
    """What is known of a token; the token itself is shown once and never kept.

    It is for every app of ``team``, or for ``app`` alone. ``further`` scopes are those of a CI's own token that several
    trust rules match. ``last_used_at`` is exact to a minute.
    """

    id: str
    team: str
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    app: str | None = None
    last_used_at: datetime | None = None
    further: tuple[Scope, ...] = ()

    @classmethod
    def operator(cls, label: str = "operator") -> "DeployToken":
        """Return a token of the process itself, for what the operator does; it is kept nowhere."""
        return cls("", EVERY_TEAM, label, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Everything that the token is for."""
        return (Scope(self.team, self.app), *self.further)

    @property
    def is_operator(self) -> bool:
        """Whether it is for every app of every team: its bearer also says who else may deploy."""
        return any(scope.covers(EVERY_TEAM, None) for scope in self.scopes)

    def allows(self, team: str, app: str | None = None) -> bool:
        """Tell whether the token may change ``app`` of ``team``; without ``app``, the team's things as a whole."""
        return any(scope.covers(team, app) for scope in self.scopes)

    def require(self, team: str, app: str | None = None) -> None:
        """Raise ``NotYourApp`` unless the token may change ``app`` of ``team``, without ``app`` all that is the team's.

        A token of one app alone is refused when the caller does not say which app it is about.
        """
        if not self.allows(team, app):
            mine = " and ".join(map(str, self.scopes))
            raise NotYourApp(f"this token is for {mine}; this would change {Scope(team, app)}")

    def require_operator(self) -> None:
        """Raise ``NotOperator`` unless the token is for every team."""
        if not self.is_operator:
            raise NotOperator(f"this token is for {' and '.join(map(str, self.scopes))}, not for every team")

    def state(self, now: datetime) -> Literal["usable", "revoked", "expired"]:
        """Return what has become of the token."""
        if self.revoked_at is not None:
            return "revoked"
        return "usable" if self.usable(now) else "expired"

    def usable(self, now: datetime) -> bool:
        """Tell whether the token is neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at

    def to_document(self, now: datetime) -> dict[str, Any]:
        """Return what may be shown of the token."""
        return {
            "id": self.id,
            "team": self.team,
            "app": self.app,
            "label": self.label,
            "state": self.state(now),
            "createdAt": self.created_at.isoformat(timespec="seconds"),
            "expiresAt": self.expires_at.isoformat(timespec="seconds"),
            "lastUsedAt": self.last_used_at.isoformat(timespec="seconds") if self.last_used_at else None,
        }


def new_token(
    team: str, *, label: str, now: datetime, lifetime: timedelta, app: str | None = None
) -> tuple[DeployToken, str]:
    """Return a new token's record, and the token: 256 random bits behind ``PREFIX``."""
    token = DeployToken(secrets.token_hex(8), team, label, now, now + lifetime, app=app)
    return token, PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return what is kept of a token: its SHA-256.

    A slow, salted hash guards secrets that people choose. This one is 256 random bits: there is nothing to guess, and
    a fast hash lets the row be found by it in one look-up, without comparing secrets.
    """
    return hashlib.sha256(token.encode()).digest()

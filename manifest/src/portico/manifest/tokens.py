"""Deploy tokens: who may change which team's apps."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portico.manifest.errors import NotYourApp

EVERY_TEAM = "*"
"""The scope of a token that may change every team's apps."""

PREFIX = "portico_"
"""Every token begins with it, so that secret scanners know one when they see it."""


@dataclass(frozen=True, slots=True)
class DeployToken:
    """What is known of a token; the token itself is shown once and never kept."""

    id: str
    team: str
    label: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    @classmethod
    def operator(cls, label: str = "operator") -> "DeployToken":
        """Return a token of the process itself, for what the operator does; it is kept nowhere."""
        return cls("", EVERY_TEAM, label, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))

    def allows(self, team: str) -> bool:
        """Tell whether the token may change the apps of ``team``."""
        return self.team in {EVERY_TEAM, team}

    def require(self, team: str) -> None:
        """Raise ``NotYourApp`` unless the token may change the apps of ``team``."""
        if not self.allows(team):
            raise NotYourApp(f"this token is team {self.team}'s, and the app is team {team}'s")

    def usable(self, now: datetime) -> bool:
        """Tell whether the token is neither revoked nor expired."""
        return self.revoked_at is None and now < self.expires_at


def new_token(team: str, *, label: str, now: datetime, lifetime: timedelta) -> tuple[DeployToken, str]:
    """Return a new token's record, and the token: 256 random bits behind ``PREFIX``."""
    token = DeployToken(secrets.token_hex(4), team, label, now, now + lifetime)
    return token, PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return what is kept of a token: its SHA-256.

    A slow, salted hash guards secrets that people choose. This one is 256 random bits: there is nothing to guess, and
    a fast hash lets the row be found by it in one look-up, without comparing secrets.
    """
    return hashlib.sha256(token.encode()).digest()
